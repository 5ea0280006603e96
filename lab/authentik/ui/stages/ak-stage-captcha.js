import { Stage } from "./stage.js";

// By the UI's source (flow/stages/captcha/CaptchaStage.ts): the script is a third party's, and draws into a frame.
class Captcha extends Stage {
  connectedCallback() {
    super.connectedCallback();
    document.head.append(Object.assign(document.createElement("script"), { src: this.challenge.js_url, async: true }));
  }

  fields() {
    const user = this.text(this.challenge.pending_user);
    return (
      `<div aria-label="User information">${user} <a href="/flows/-/cancel/">Not you?</a></div>` +
      (this.challenge.interactive ? '<iframe aria-label="CAPTCHA challenge" id="ak-captcha"></iframe>' : "<h1>Verifying...</h1>")
    );
  }
}

customElements.define("ak-stage-captcha", Captcha);
