// The settings page leads to Propale by a link that the server makes for this person.
import React from 'react';
import { describe, expect, it } from 'vitest';
import { Alert, Link, LoadingButton } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { Settings } from '../src/app/settings/Settings';
import { Server, lost, ok, refuse } from './server';

const URL = 'https://propale.example/sign-in/abc';

function open({ locale = 'fr-fr', variables = { BACKEND_URL: 'https://propale.example/' }, linkMs = 60_000 } = {}) {
  const renderer = createRenderer('settings');
  Object.assign(renderer.mocks.context.user, { locale });
  renderer.mocks.context.variables = variables;
  renderer.render(<Settings linkMs={linkMs} />);
  return { ...renderer, press: () => renderer.find(LoadingButton).trigger('onClick') };
}

describe('settings', () => {
  it('lead to a link made for this person', async () => {
    const server = new Server().post(() => ok({ url: URL }));
    const page = open();

    page.press();

    await page.waitFor(() => expect(page.find(Link).props.href).toEqual({ url: URL, external: true }));
    expect(server.called('POST').map((call) => call.url)).toEqual([
      'https://propale.example/api/card/sign-in?lang=fr',
    ]);
  });

  it('offer no link that has grown old', async () => {
    new Server().post(() => ok({ url: URL }));
    const page = open({ linkMs: 20 });

    page.press();
    await page.waitFor(() => expect(page.maybeFind(Link)).not.toBeNull());

    await page.waitFor(() => expect(page.maybeFind(Link)).toBeNull());
    expect(page.find(LoadingButton).text).toBe('Ouvrir mon espace Propale');
  });

  it.each([
    ['the server’s sentence', () => refuse(404, 'Propale n’est pas installé.'), 'Propale n’est pas installé.'],
    ['a sentence of its own without one', lost, 'réessayez dans une minute'],
    ['a sentence of its own for an odd answer', () => ok({ url: 7 }), 'réessayez dans une minute'],
  ])('say why not: %s', async (_name, answer, words) => {
    new Server().post(answer);
    const page = open();

    page.press();

    await page.waitFor(() => expect(page.find(Alert).text).toContain(words));
    expect(page.find(LoadingButton).props.disabled).toBe(false);
  });

  it('speak English to everybody but the French', () => {
    expect(open({ locale: 'de-de' }).find(LoadingButton).text).toBe('Open my Propale space');
  });

  it('say that the profile lacks the address', () => {
    const page = open({ variables: {} as { BACKEND_URL: string } });

    expect(page.find(Alert).text).toContain('BACKEND_URL');
  });
});
