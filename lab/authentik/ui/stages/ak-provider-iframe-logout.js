import { Stage } from "./stage.js";

// Each application's logout in a hidden frame; answered once all are loaded, or late (flow/providers/IFrameLogoutStage).
class FrameLogout extends Stage {
  connectedCallback() {
    super.connectedCallback();
    const loaded = this.challenge.logout_urls.map(
      (each) =>
        new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.style.display = "none";
          frame.addEventListener("load", resolve);
          setTimeout(resolve, 5000);
          frame.src = each.url;
          document.body.append(frame);
        }),
    );
    Promise.all(loaded).then(() => this.host.submit({}));
  }
}

customElements.define("ak-provider-iframe-logout", FrameLogout);
