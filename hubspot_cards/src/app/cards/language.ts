// The user's language, and dates as that language and the portal's time zone write them.

export type Language = 'fr' | 'en';

export interface Reader {
  language: Language;
  locale: string;
  timeZone: string | undefined;
}

interface User {
  locale?: string | undefined;
  language?: string | undefined;
}

export function readerOf(user: User, timeZone?: string): Reader {
  const locale = (user.locale || user.language || 'en').replace(/_/g, '-');
  const language = locale.slice(0, 2).toLowerCase() === 'fr' ? 'fr' : 'en';
  return { language, locale: isKnown(locale) ? locale : language, timeZone: zone(timeZone) };
}

/** `2026-12-21` stays that day everywhere; an instant becomes day and minute in the portal's zone. */
export function formatMoment(iso: string, reader: Reader): string {
  const dayOnly = /^\d{4}-\d{2}-\d{2}$/.test(iso);
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const options: Intl.DateTimeFormatOptions = dayOnly
    ? { dateStyle: 'long', timeZone: 'UTC' }
    : { dateStyle: 'long', timeStyle: 'short', timeZone: reader.timeZone };
  return new Intl.DateTimeFormat(reader.locale, options).format(moment);
}

function isKnown(locale: string): boolean {
  return accepts(() => new Intl.DateTimeFormat(locale));
}

function zone(name: string | undefined): string | undefined {
  return name && accepts(() => new Intl.DateTimeFormat('en', { timeZone: name })) ? name : undefined;
}

function accepts(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}
