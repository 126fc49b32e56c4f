// What a card may ask of the page around it.
import type { Actions, CardAlert, IframeModal } from './protocol';

export interface Stage {
  toast(alert: CardAlert): void;
  modal(modal: IframeModal): void;
}

export function makeActions(stage: Stage): Actions {
  return {
    addAlert: (alert) => stage.toast(alert),
    openIframeModal: (modal) => stage.modal(modal),
    refreshObjectProperties: () => void document.dispatchEvent(new CustomEvent('crm:refresh')),
    reloadPage: () => location.reload(),
    copyTextToClipboard: (text) => navigator.clipboard.writeText(text),
  };
}
