// Every state of the card, in the user's language.
import { describe, expect, it } from 'vitest';
import {
  Alert,
  Button,
  DescriptionListItem,
  Link,
  LoadingButton,
  LoadingSpinner,
  StatisticsItem,
  StatusTag,
  ToggleGroup,
} from '@hubspot/ui-extensions';
import type { MoneyStatus, ProposalStatus } from '../src/app/cards/apiTypes';
import { wordsIn } from '../src/app/cards/messages';
import { openCard, type Options } from './card';
import { fixture, fixtureNames } from './fixtures';
import { Server, ok } from './server';

async function show(view: unknown, options: Options = {}) {
  new Server().get(() => ok(view));
  const card = openCard(options);
  await card.waitFor(() => expect(card.maybeFind(StatusTag)).not.toBeNull());
  return card;
}

type Card = Awaited<ReturnType<typeof show>>;

const status = (card: Card) => card.findByTestId(StatusTag, 'status');
const primaries = (card: Card) => card.findAll(LoadingButton, { variant: 'primary' });
const facts = (card: Card) =>
  Object.fromEntries(card.findAll(DescriptionListItem).map((fact) => [fact.props.label, fact.text]));

describe('status line', () => {
  const FRENCH: [ProposalStatus, string, string][] = [
    ['not_created', 'Proposition non créée', 'default'],
    ['sent', 'Proposition envoyée', 'info'],
    ['accepted', 'Proposition acceptée', 'success'],
    ['declined', 'Proposition déclinée', 'danger'],
    ['expired', 'Proposition expirée', 'warning'],
    ['withdrawn', 'Proposition retirée', 'default'],
  ];
  it.each(FRENCH)('%s reads « %s »', async (name, words, colour) => {
    const card = await show(fixture('ready', { status: name }));

    expect(status(card).text).toBe(words);
    expect(status(card).props.variant).toBe(colour);
  });

  it('speaks English to everybody else', async () => {
    const card = await show(fixture('sent'), { locale: 'de-de' });

    expect(status(card).text).toBe('Proposal sent');
  });

  it.each(Object.keys(wordsIn('fr').money) as MoneyStatus[])('shows the money below: %s', async (name) => {
    const card = await show(fixture('accepted', { money: { status: name } }));

    expect(card.findByTestId(StatusTag, 'money').text).toBe(wordsIn('fr').money[name]);
  });

  it('says nothing of money before there is any', async () => {
    const card = await show(fixture('sent'));

    expect(card.maybeFindByTestId(StatusTag, 'money')).toBeNull();
  });
});

describe('every state', () => {
  it.each(fixtureNames())('%s has one primary button at most, and check again', async (name) => {
    const card = await show(fixture(name));

    expect(primaries(card).length + card.findAll(Button, { variant: 'primary' }).length).toBeLessThanOrEqual(1);
    expect(card.button('check-again')?.props.variant).toBe('secondary');
  });

  it('says the same things in both languages', () => {
    expect(Object.keys(wordsIn('en')).sort()).toEqual(Object.keys(wordsIn('fr')).sort());
  });
});

describe('ready', () => {
  it('shows the amounts and the offer as the button', async () => {
    const card = await show(fixture('ready'));

    expect(primaries(card).map((button) => button.text)).toEqual([fixture('ready').offers[0]?.label]);
    expect(card.findAll(StatisticsItem).map((item) => [item.props.label, item.props.number])).toEqual([
      ['Aujourd’hui', '540,00 EUR'],
      ['Ensuite', '540,00 EUR par mois'],
    ]);
  });

  it('shows no recurring amount for a one-off deal', async () => {
    const card = await show(fixture('ready_one_off'));

    expect(card.findAll(StatisticsItem).length).toBe(1);
  });

  it('shows warnings beside the button', async () => {
    const card = await show(fixture('ready'));

    expect(card.find(Alert, { variant: 'tip' }).props.title).toContain('Un client Stripe porte déjà');
  });

  it('leads to the deal where a warning can be settled', async () => {
    const view = fixture('stage_refused');
    const card = await show(view);

    const link = card.findAll(Link).find((each) => each.text === 'Ouvrir la transaction');
    expect(link?.props.href).toEqual({ url: view.warnings[0]?.link, external: true });
  });

  it('speaks English', async () => {
    const card = await show(fixture('ready_english'), { locale: 'en-us' });

    expect(primaries(card)[0]?.text).toContain('Create and send to Jeanne Martin');
    expect(card.find(StatisticsItem).props.label).toBe('Today');
  });
});

describe('not connected', () => {
  it('offers to sign in', async () => {
    const card = await show(fixture('not_connected'));

    expect(card.find(Alert).props.title).toBe('Propale n’est pas encore connecté');
    expect(primaries(card).map((button) => button.text)).toEqual(['Ouvrir mon espace Propale']);
  });

  it('names who can help when the user cannot connect', async () => {
    const card = await show(fixture('not_connected', { connectable: false }));

    expect(primaries(card)).toEqual([]);
    expect(card.text()).toContain('Demandez à la personne qui a installé Propale');
  });

  it('shows the server’s own sentence when it has one', async () => {
    const card = await show(fixture('not_connected', { message: 'Slack a retiré son accès.' }));

    expect(card.find(Alert).text).toBe('Slack a retiré son accès.');
  });
});

describe('not ready', () => {
  it('lists every problem with its remedy, and no button', async () => {
    const view = fixture('not_ready');

    const card = await show(view);

    expect(card.find(Alert).props.title).toBe('2 points à régler avant l’envoi');
    view.problems.forEach(({ message, remedy }) => {
      expect(card.text()).toContain(message);
      expect(card.text()).toContain(remedy);
    });
    expect(primaries(card)).toEqual([]);
  });
});

describe('choose recipient', () => {
  it('asks first, then shows the button of the chosen offer', async () => {
    const view = fixture('choose_recipient');
    const card = await show(view);
    expect(primaries(card)).toEqual([]);
    expect(card.find(ToggleGroup).props.options.map((option) => option.label)).toEqual([
      'Jeanne Martin',
      'Paul Girard',
    ]);

    card.find(ToggleGroup).trigger('onChange', '502' as never);

    await card.waitFor(() => expect(primaries(card)[0]?.text).toBe(view.offers[1]?.label));
  });

  it('says the address of a person without a name once', async () => {
    const view = fixture('choose_recipient');
    const [first, second] = view.offers;
    const nameless = { ...second!, recipient: { contactId: '502', name: 'paul@girard.example', email: 'paul@girard.example' } };

    const card = await show({ ...view, offers: [first, nameless] });

    expect(card.find(ToggleGroup).props.options[1]).toEqual({ label: 'paul@girard.example', value: '502' });
  });

  it('keeps the choice when the deal is read again', async () => {
    const card = await show(fixture('choose_recipient'));
    card.find(ToggleGroup).trigger('onChange', '501' as never);

    card.press('check-again');

    await card.waitFor(() => expect(card.button('check-again')?.props).toMatchObject({ loading: false }));
    expect(card.find(ToggleGroup).props.value).toBe('501');
  });
});

describe('sent', () => {
  it('shows recipient, dates in the portal’s zone and the proposal', async () => {
    const card = await show(fixture('sent'));

    expect(facts(card)).toEqual({
      Numéro: 'P-2026-0001',
      Destinataire: 'jeanne@atelier-martin.example',
      Envoyée: '21 novembre 2026 à 10:30',
      'Valable jusqu’au': '21 décembre 2026 à 23:59',
    });
    expect(card.find(Link).props.href).toEqual({ url: 'https://propale.example/d/41', external: true });
  });

  it('offers no withdrawal when there is none', async () => {
    const view = fixture('sent');

    const card = await show({ ...view, proposal: { ...view.proposal, withdrawable: false } });

    expect(card.button('withdraw')).toBeNull();
  });
});

describe('taken', () => {
  it('shows that it is on its way', async () => {
    const card = await show(fixture('taken'), { pace: { patienceMs: 10_000 } });

    expect(card.find(LoadingSpinner).props.label).toBe('Demande prise en compte');
  });
});

describe('accepted', () => {
  it('shows since when and the money, and no button', async () => {
    const card = await show(fixture('awaiting_method'));

    expect(facts(card)['Acceptée']).toBe('22 novembre 2026 à 15:05');
    expect(card.findByTestId(StatusTag, 'money').text).toBe('Moyen de paiement attendu');
    expect(card.find(StatisticsItem).props.label).toBe('À l’acceptation');
    expect(primaries(card)).toEqual([]);
  });
});

describe('a message beside the facts', () => {
  it.each(['sent', 'accepted'])('%s: is a warning that hides nothing', async (name) => {
    const card = await show(fixture(name, { message: 'HubSpot a refusé l’étape « Signé ».' }));

    expect(card.find(Alert, { variant: 'warning' }).props.title).toBe('HubSpot a refusé l’étape « Signé ».');
    expect(facts(card).Numéro).toBe('P-2026-0001');
  });

  it('an e-mail that was refused is not called received', async () => {
    const received = wordsIn('fr').sentNote;

    expect((await show(fixture('sent'))).text()).toContain(received);
    expect((await show(fixture('sent', { message: 'L’e-mail n’est pas parti.' }))).text()).not.toContain(received);
  });
});

describe('after an end', () => {
  it('declined: shows the reason, and the button is back', async () => {
    const card = await show(fixture('declined'));

    expect(card.find(Alert).props.title).toBe('Déclinée par le client le 22 novembre 2026 à 15:05');
    expect(card.find(Alert).text).toBe('Sa raison\u00a0: «\u00a0Trop cher pour cette année\u00a0»');
    expect(primaries(card).length).toBe(1);
  });

  it('declined without a reason says so', async () => {
    const view = fixture('declined');

    const card = await show({ ...view, proposal: { ...view.proposal, declineReason: null } });

    expect(card.find(Alert).text).toBe('Le client n’a pas donné de raison.');
  });

  it.each(['expired', 'withdrawn'])('%s: says so, and the button is back', async (name) => {
    const card = await show(fixture(name));

    expect(card.find(Alert, { variant: 'info' }).text).toContain('envoyer une nouvelle');
    expect(primaries(card).length).toBe(1);
  });
});

describe('problem', () => {
  it('says what happened and offers the new button', async () => {
    const card = await show(fixture('problem'));

    expect(card.find(Alert, { variant: 'danger' }).text).toContain('rien n’a été envoyé');
    expect(primaries(card).length).toBe(1);
  });
});

describe('a project without its profile', () => {
  it('names the missing address instead of calling nowhere', () => {
    const server = new Server();

    const card = openCard({ variables: {} });

    expect(card.find(Alert, { variant: 'error' }).text).toContain('L’adresse de Propale manque');
    expect(server.calls).toEqual([]);
  });
});
