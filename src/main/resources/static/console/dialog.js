import { Component, html } from './lib.js';
import { change } from './store.js';

/** Asks before something is done. `run` does it and answers `{done}`, the sentence that is shown and read out afterwards. */
export const ask = (question) => change({ dialog: question });

/** The browser's own modal dialog: it keeps the focus inside, closes on Escape, and gives the focus back. */
export class Dialog extends Component {
  componentDidMount() {
    this.element.showModal();
  }

  async confirm() {
    this.setState({ busy: true, problem: null });
    try {
      const answer = await this.props.question.run();
      this.element.close();
      change({ notice: answer.done });
      this.props.onDone();
    } catch (failure) {
      this.setState({ busy: false, problem: failure.message });
    }
  }

  render({ question }, { busy, problem }) {
    return html`
      <dialog ref=${(element) => (this.element = element)} aria-labelledby="dialog-title" aria-describedby="dialog-text"
        onClose=${() => change({ dialog: null })}>
        <h2 id="dialog-title">${question.title}</h2>
        <p id="dialog-text">${question.text}</p>
        ${problem && html`<p class="bad-text" role="alert">${problem}</p>`}
        <div class="buttons">
          <button type="button" autofocus onClick=${() => this.element.close()}>Cancel</button>
          <button type="button" class="primary ${question.danger ? 'danger' : ''}" disabled=${busy} onClick=${() => this.confirm()}>
            ${question.confirm}
          </button>
        </div>
      </dialog>`;
  }
}
