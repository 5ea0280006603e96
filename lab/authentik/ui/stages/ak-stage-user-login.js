import { Stage } from "./stage.js";

// Both buttons submit; which of them did is the answer (section 2).
class UserLogin extends Stage {
  fields() {
    return (
      "<h3>Stay signed in?</h3><p>Select Yes to reduce the number of times you're asked to sign in.</p>" +
      '<button type="submit" name="remember-me">Yes</button><button type="submit" name="forget-me">No</button>'
    );
  }

  response(_, submitter) {
    return { remember_me: submitter?.name === "remember-me" };
  }
}

customElements.define("ak-stage-user-login", UserLogin);
