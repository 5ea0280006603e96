import { Stage } from "./stage.js";

class AccessDenied extends Stage {
  fields() {
    return `<p>${this.text(this.challenge.error_message || "Request has been denied.")}</p>`;
  }
}

customElements.define("ak-stage-access-denied", AccessDenied);
