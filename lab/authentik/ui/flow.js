// The page of a flow as a browser meets it, by facts/browser.md (sections 2 and 3, measured on the real one): one address
// for all stages, the executor asked by script, each stage a custom element in an open shadow root, the way out a
// navigation of the script's. What goes wrong shows as a headline with the role of a status (section 7).
const config = () => window.authentik;

class FlowExecutor extends HTMLElement {
  async connectedCallback() {
    this.id = "interface-root";
    this.main = document.createElement("main");
    this.main.setAttribute("aria-label", "Authentication form");
    this.attachShadow({ mode: "open" }).append(this.main);
    this.says("Loading");
    await this.guarded(() => this.ask());
  }

  get executor() {
    const query = encodeURIComponent(window.location.search.slice(1));
    return `${config()?.api.base ?? "/"}api/v3/flows/executor/${this.getAttribute("slug")}/?query=${query}`;
  }

  async ask(response) {
    const token = document.cookie.match(/(?:^|; )authentik_csrf=([^;]*)/)?.[1];
    const headers = { Accept: "application/json", ...(token ? { "X-authentik-CSRF": token } : {}) };
    const sent = { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(response) };
    const answer = await fetch(this.executor, response ? sent : { headers }).catch(() => {
      throw new Error("The request failed and the interceptors did not return an alternative response");
    });
    if (!answer.ok) throw new Error("Response returned an error code");
    await this.show(await answer.json());
  }

  async show(challenge) {
    if (challenge.component === "xak-flow-redirect") {
      this.says("Loading", document.createElement("ak-stage-redirect"));
      this.leave(challenge.to);
      return;
    }
    if (challenge.flow_info?.title) document.title = `${challenge.flow_info.title} - authentik`;
    await import(`/static/dist/src/flow/stages/${challenge.component}.js`);
    const stage = document.createElement(challenge.component);
    Object.assign(stage, { host: this, challenge });
    this.main.replaceChildren(stage);
  }

  // Unguarded: without what an inline script gave the page it stays where it is, at Loading (section 7, CSP).
  async leave(to) {
    this.continuous = config().flowsContinuousLogin;
    window.location.assign(to);
  }

  submit(response) {
    this.says("Loading");
    this.guarded(() => this.ask(response));
  }

  async guarded(step) {
    try {
      await step();
    } catch (error) {
      this.says(error.message);
    }
  }

  // By the UI's source (flow/stages/RedirectStage.ts) the way out is a stage as well, which says no more.
  says(text, stage) {
    const status = document.createElement("div");
    status.setAttribute("role", "status");
    status.innerHTML = "<h1></h1>";
    status.firstChild.textContent = text;
    if (stage) stage.attachShadow({ mode: "open" }).append(status);
    this.main.replaceChildren(stage ?? status);
  }
}

customElements.define("ak-flow-executor", FlowExecutor);
