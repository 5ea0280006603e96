import { Stage } from "./stage.js";

class SessionEnd extends Stage {
  fields() {
    const again = this.text(this.challenge.application_launch_url);
    return (
      `<p>You've logged out of ${this.text(this.challenge.application_name)}.</p><a href="${again}">Log back in</a>` +
      `<a href="${this.text(this.challenge.invalidation_flow_url)}">Log out of ${this.text(this.challenge.brand_name)}</a>`
    );
  }
}

customElements.define("ak-stage-session-end", SessionEnd);
