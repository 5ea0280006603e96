// What every stage is: a custom element with an open shadow root, a card and a form in it (facts/browser.md, section 2).
export class Stage extends HTMLElement {
  connectedCallback() {
    const shadow = this.attachShadow({ mode: "open" });
    shadow.append(this.card());
    shadow.querySelector("input:not([type=hidden])")?.focus();
  }

  card() {
    const card = document.createElement("ak-flow-card");
    const title = document.createElement("h1");
    title.textContent = this.challenge.flow_info?.title ?? "";
    card.append(title, this.form());
    return card;
  }

  form() {
    const form = document.createElement("form");
    form.innerHTML = this.fields();
    for (const error of this.errors()) {
      const alert = document.createElement("p");
      alert.setAttribute("role", "alert");
      alert.textContent = error;
      form.prepend(alert);
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.host.submit(this.response(new FormData(form), event.submitter));
    });
    return form;
  }

  errors() {
    return Object.values(this.challenge.response_errors ?? {}).flat().map((error) => error.string);
  }

  // A challenge's text in HTML.
  text(value) {
    const span = document.createElement("span");
    span.textContent = value ?? "";
    return span.innerHTML;
  }

  fields() {
    return "";
  }

  response() {
    return {};
  }
}
