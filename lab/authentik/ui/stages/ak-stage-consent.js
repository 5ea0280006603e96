import { Stage } from "./stage.js";

class Consent extends Stage {
  fields() {
    const wanted = this.challenge.permissions.map((each) => `<li>${this.text(each.name)}</li>`).join("");
    return (
      `<h3>${this.text(this.challenge.header_text)}</h3><ul id="permissions">${wanted}</ul>` +
      '<button type="submit" name="continue">Continue</button>'
    );
  }

  response() {
    return { token: this.challenge.token };
  }
}

customElements.define("ak-stage-consent", Consent);
