import { Stage } from "./stage.js";

// Of its fields those that only tell something: the others, the lab never asks for.
class Prompt extends Stage {
  fields() {
    const told = this.challenge.fields.map((each) => `<div>${each.initial_value}</div>`).join("");
    return `${told}<button type="submit">Continue</button>`;
  }
}

customElements.define("ak-stage-prompt", Prompt);
