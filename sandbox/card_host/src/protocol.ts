// What page and worker call on each other. Everything crosses by structured clone, as in HubSpot.
import type { RemoteChannel } from '@remote-ui/core';

export interface FetchOptions {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  timeout?: number;
}

export interface FetchAnswer {
  status: number;
  body: string;
}

export interface CardAlert {
  type?: 'info' | 'warning' | 'success' | 'danger' | 'tip';
  title?: string;
  message: string;
}

export interface IframeModal {
  uri: string;
  height: number;
  width: number;
  title?: string;
}

export interface Actions {
  addAlert(alert: CardAlert): void;
  refreshObjectProperties(): void;
  reloadPage(): void;
  openIframeModal(modal: IframeModal): void;
  copyTextToClipboard(text: string): Promise<void>;
}

export interface CardContext {
  location: string;
  user: { id: number; email: string; firstName: string; lastName: string; locale: string };
  portal: { id: number; timezone: string };
  /** Absent where no record is shown, as in the settings. */
  crm?: { objectId: number; objectTypeId: string };
  extension?: { appId: number | string; appName?: string; cardTitle?: string };
  variables?: Record<string, string | number | boolean>;
}

export interface PageApi {
  context: CardContext;
  actions: Actions;
  hsFetch(url: string, options?: FetchOptions): Promise<FetchAnswer>;
  fail(message: string): void;
}

export interface WorkerApi {
  render(channel: RemoteChannel, page: PageApi, cardUrl: string): Promise<void>;
}
