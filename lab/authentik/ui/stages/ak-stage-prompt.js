import { Stage } from "./stage.js";

// Of its fields those that only tell something, and texts (the UI's source, flow/stages/prompt/PromptStage.ts).
class Prompt extends Stage {
  fields() {
    const fields = this.challenge.fields.map((each) => (each.type === "text" ? this.input(each) : `<div>${each.initial_value}</div>`));
    return `${fields.join("")}<button type="submit">Continue</button>`;
  }

  input(field) {
    const name = this.text(field.field_key);
    return `<label for="${name}">${this.text(field.label)}</label><input id="${name}" name="${name}"${field.required ? " required" : ""}>`;
  }
}

customElements.define("ak-stage-prompt", Prompt);
