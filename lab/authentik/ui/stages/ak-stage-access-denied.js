import { Stage } from "./stage.js";

// By the UI's source (flow/stages/access_denied/AccessDeniedStage.ts): no alert, no button, and the reason after a rule.
class AccessDenied extends Stage {
  fields() {
    const why = this.challenge.error_message;
    return `<p>Request has been denied.</p>${why ? `<hr><p>${this.text(why)}</p>` : ""}`;
  }
}

customElements.define("ak-stage-access-denied", AccessDenied);
