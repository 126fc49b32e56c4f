// The small pure parts: ids, languages, dates.
import { describe, expect, it } from 'vitest';
import { formatMoment, readerOf } from '../src/app/cards/language';
import { newRequestId } from '../src/app/cards/requestId';

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('request ids', () => {
  it('are version 4 UUIDs', () => {
    expect(newRequestId()).toMatch(UUID4);
  });

  it('are so without crypto.randomUUID too, and differ', () => {
    const source = { getRandomValues: (array: Uint8Array) => crypto.getRandomValues(array) };

    const ids = new Set(Array.from({ length: 200 }, () => newRequestId(source as typeof crypto)));

    expect(ids.size).toBe(200);
    ids.forEach((id) => expect(id).toMatch(UUID4));
  });
});

describe('the reader', () => {
  it.each([
    [{ locale: 'fr' }, 'fr'],
    [{ locale: 'fr-ca' }, 'fr'],
    [{ locale: 'FR_fr' }, 'fr'],
    [{ locale: 'en-gb' }, 'en'],
    [{ locale: 'fy' }, 'en'],
    [{ locale: '', language: 'fr' }, 'fr'],
    [{}, 'en'],
  ])('%j reads %s', (user, language) => {
    expect(readerOf(user).language).toBe(language);
  });

  it('an instant is told in the portal’s zone, the user’s way', () => {
    const reader = readerOf({ locale: 'en-us' }, 'America/New_York');

    expect(formatMoment('2026-11-21T23:30:00Z', reader)).toMatch(/^November 21, 2026 at 6:30\sPM$/);
  });

  it('a day stays that day in every zone', () => {
    const reader = readerOf({ locale: 'fr' }, 'Pacific/Honolulu');

    expect(formatMoment('2026-12-21', reader)).toBe('21 décembre 2026');
  });

  it('strange locales, zones and dates break nothing', () => {
    const reader = readerOf({ locale: 'fr_!!' }, 'Mars/Olympus');

    expect(formatMoment('2026-11-21T09:30:00Z', reader)).toContain('2026');
    expect(formatMoment('soon', reader)).toBe('soon');
  });
});
