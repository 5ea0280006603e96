import { Stage } from "./stage.js";

class Code extends Stage {
  fields() {
    return (
      '<label for="validation-code-input">Authentication code</label><input type="text" name="code"' +
      ' id="validation-code-input" autocomplete="one-time-code" inputmode="numeric">' +
      '<button type="submit" name="continue">Continue</button>'
    );
  }

  response(form) {
    return { code: form.get("code") };
  }
}

customElements.define("ak-stage-authenticator-validate-code", Code);

// With one device there is nothing to choose: the code's element stands in a shadow root of this one.
class Validate extends HTMLElement {
  connectedCallback() {
    const code = document.createElement("ak-stage-authenticator-validate-code");
    Object.assign(code, { host: this.host, challenge: this.challenge });
    this.attachShadow({ mode: "open" }).append(code);
  }
}

customElements.define("ak-stage-authenticator-validate", Validate);
