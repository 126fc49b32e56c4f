// Toasts (addAlert) and the iframe modal (openIframeModal).
import { useContext, useEffect, useRef, type ReactNode } from 'react';
import type { CardAlert, IframeModal } from './protocol';
import { ReaderContext } from './reader';

export type Toast = CardAlert & { key: number };

export function Toasts({ toasts }: { toasts: Toast[] }): ReactNode {
  return (
    <div className="hs-toasts" role="status" aria-live="polite">
      {toasts.map(({ key, type = 'info', title, message }) => (
        <div key={key} className={`hs-toast hs-toast-${type}`}>
          {title && <strong>{title}</strong>}
          <span>{message}</span>
        </div>
      ))}
    </div>
  );
}

interface DialogProps {
  modal: IframeModal;
  onClose: () => void;
}

export function IframeDialog({ modal, onClose }: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useContext(ReaderContext) === 'fr' ? 'Fermer' : 'Close';
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="hs-dialog" onClose={onClose} aria-label={modal.title ?? modal.uri}>
      <header>
        <strong>{modal.title}</strong>
        <button type="button" className="hs-button hs-button-secondary" onClick={() => dialog.current?.close()}>
          {close}
        </button>
      </header>
      <iframe src={modal.uri} title={modal.title ?? modal.uri} width={modal.width} height={modal.height} />
    </dialog>
  );
}
