// The one call of the settings page. It shares no file with the card: HubSpot builds each folder with the
// packages of its own package.json.
import { hubspot } from '@hubspot/ui-extensions';

/** A link that opens a session once, or the server's sentence why not ("" without one). */
export type SignIn = { url: string } | { refused: string };

export async function askForSignIn(backendUrl: string, language: string): Promise<SignIn> {
  const address = `${backendUrl.replace(/\/+$/, '')}/api/card/sign-in?lang=${language}`;
  try {
    const response = await hubspot.fetch(address, { method: 'POST', body: {} });
    const answer = (await response.json()) as { url?: unknown; error?: { message?: unknown } };
    if (response.ok && typeof answer.url === 'string') return { url: answer.url };
    return { refused: typeof answer.error?.message === 'string' ? answer.error.message : '' };
  } catch {
    return { refused: '' };
  }
}
