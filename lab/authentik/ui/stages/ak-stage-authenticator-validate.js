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

// By the UI's source (flow/stages/authenticator_validate/AuthenticatorValidateStage.ts): what each class of device is
// called, its icon, and the element that asks for it.
const CODE = "ak-stage-authenticator-validate-code";
const DEVICES = {
  webauthn: ["Security key", "fa-mobile-alt", "ak-stage-authenticator-validate-webauthn"],
  totp: ["Traditional authenticator", "fa-clock", CODE],
  static: ["Recovery keys", "fa-key", CODE],
};

// The one device, or the one used last unless that is a recovery key, is asked for at once, by an element in a shadow
// root of this one; else the person chooses.
class Validate extends Stage {
  connectedCallback() {
    const devices = this.challenge.device_challenges;
    const used = devices.filter((device) => device.last_used).sort((a, b) => (a.last_used < b.last_used ? 1 : -1))[0];
    const chosen = devices.length === 1 ? devices[0] : used?.device_class === "static" ? null : used;
    if (chosen) this.attachShadow({ mode: "open" }).append(this.asked(chosen));
    else super.connectedCallback();
  }

  asked(device) {
    const element = document.createElement(DEVICES[device.device_class][2]);
    return Object.assign(element, { host: this.host, challenge: this.challenge });
  }

  form() {
    const form = document.createElement("form");
    form.innerHTML = '<fieldset name="device-challenges"><legend>Select an authentication method</legend></fieldset>';
    for (const [index, device] of this.challenge.device_challenges.entries()) {
      const [label, icon] = DEVICES[device.device_class];
      const button = document.createElement("button");
      Object.assign(button, { type: "button", id: `device-challenge-${index}` });
      button.innerHTML = `<i class="fas ${icon}" aria-hidden="true"></i><h1>${label}</h1>`;
      button.addEventListener("click", () => this.shadowRoot.replaceChildren(this.asked(device)));
      form.firstChild.append(button);
    }
    return form;
  }
}

customElements.define("ak-stage-authenticator-validate", Validate);
