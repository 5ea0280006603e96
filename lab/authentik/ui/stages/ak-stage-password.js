import { Stage } from "./stage.js";

class Password extends Stage {
  fields() {
    const user = this.text(this.challenge.pending_user);
    return (
      `<div aria-label="User information">${user} <a href="/flows/-/cancel/">Not you?</a></div>` +
      `<input type="hidden" name="username" value="${user}"><label for="ak-stage-password-input">Password</label>` +
      '<input type="password" name="password" id="ak-stage-password-input" autocomplete="current-password"' +
      ` placeholder="Please enter your password"${this.errors().length ? ' aria-invalid="true"' : ""}>` +
      '<button type="submit" name="continue">Continue</button>'
    );
  }

  response(form) {
    return { password: form.get("password") };
  }
}

customElements.define("ak-stage-password", Password);
