// hubspot.fetch takes from a card only what HubSpot takes.
import { describe, expect, it } from 'vitest';
import { complaint } from '../src/proxy';

const URL_OK = 'https://propale.example/api/card';

describe('hubspot.fetch', () => {
  it.each([
    [{}],
    [{ method: 'POST', body: { a: 1 } }],
    [{ headers: { Authorization: 'Bearer x' } }],
  ])('takes %j', (options) => {
    expect(complaint(URL_OK, options)).toBeNull();
  });

  it.each([
    ['/api/card', {}, 'whole URL'],
    [URL_OK, { method: 'HEAD' }, 'HEAD'],
    [URL_OK, { method: 'POST', body: '{"a": 1}' }, 'plain object'],
    [URL_OK, { method: 'POST', body: [1] }, 'plain object'],
    [URL_OK, { headers: { 'X-Mine': '1' } }, 'Authorization'],
  ])('refuses %s %j', (url, options, words) => {
    expect(complaint(url, options)).toContain(words);
  });
});
