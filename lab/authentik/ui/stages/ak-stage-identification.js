import "./ak-stage-captcha.js";
import { Stage } from "./stage.js";

// Three fields for password managers stand outside of the body, and are no part of the form (section 2.1).
function decoy() {
  const form = document.createElement("form");
  form.style = "position:absolute;top:-2000px";
  form.innerHTML = '<input name="username"><input type="password" name="password"><input name="code">';
  return form;
}

class Identification extends Stage {
  connectedCallback() {
    super.connectedCallback();
    if (!this.challenge.password_fields) {
      this.decoy = decoy();
      document.documentElement.append(this.decoy);
    }
  }

  disconnectedCallback() {
    this.decoy?.remove();
  }

  fields() {
    const before = this.challenge.application_pre;
    const to = before ? `<p>Log in to continue to ${this.text(before)}.</p>` : "";
    const password =
      '<label for="ak-stage-identification-password">Password</label><input type="password" name="password"' +
      ' id="ak-stage-identification-password" autocomplete="current-password" placeholder="Please enter your password">';
    return (
      `${to}<label for="ak-identifier-input">Email or Username</label><input type="text" name="uidField" required` +
      ' id="ak-identifier-input" autocomplete="username" placeholder="Email or Username">' +
      `${this.challenge.password_fields ? password : ""}<button type="submit">${this.text(this.challenge.primary_action)}</button>` +
      this.otherWays()
    );
  }

  // By the UI's source: a captcha of this stage stands within its form.
  form() {
    const form = super.form();
    const challenge = this.challenge.captcha_stage;
    if (challenge) form.append(Object.assign(document.createElement("ak-stage-captcha"), { host: this.host, challenge }));
    return form;
  }

  // By the UI's source: a link for those without a password, and a button, which submits nothing, for each source.
  otherWays() {
    const without = this.challenge.passwordless_url;
    const sources = this.challenge.sources.map((each) => `<button type="button">Continue with ${this.text(each.name)}</button>`);
    return (without ? `<a href="${this.text(without)}">Use a security key</a>` : "") + sources.join("");
  }

  response(form) {
    const given = { uid_field: form.get("uidField") };
    return this.challenge.password_fields ? { ...given, password: form.get("password") } : given;
  }
}

customElements.define("ak-stage-identification", Identification);
