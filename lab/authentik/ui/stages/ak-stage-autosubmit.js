import { Stage } from "./stage.js";

// As Authentik's own web/src/flow/stages/autosubmit/AutosubmitStage.ts: the form goes to the application by itself.
class Autosubmit extends Stage {
  connectedCallback() {
    super.connectedCallback();
    const form = this.shadowRoot.querySelector("form");
    form.action = this.challenge.url;
    form.method = "post";
    for (const [name, value] of Object.entries(this.challenge.attrs)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    form.submit();
  }

  fields() {
    return '<button type="submit">Continue</button>';
  }
}

customElements.define("ak-stage-autosubmit", Autosubmit);
