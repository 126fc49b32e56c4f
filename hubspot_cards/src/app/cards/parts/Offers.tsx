// One offer is a button; several are a choice first, then the button of the chosen one.
import React from 'react';
import { Text, ToggleGroup } from '@hubspot/ui-extensions';
import type { StateProps } from '../stateProps';
import { Amounts } from './Amounts';
import { OfferButton } from './OfferButton';

type Props = Pick<StateProps, 'view' | 'proposal' | 'words'>;

export function Offers({ view, proposal, words }: Props): React.JSX.Element | null {
  const { offers } = view;
  const chosen = offers.length === 1 ? offers[0] : offers.find(isChosen(proposal.chosen));
  if (offers.length === 0) return <Amounts view={view} words={words} />;
  return (
    <>
      {offers.length > 1 && <Choice view={view} proposal={proposal} words={words} />}
      <Amounts view={view} words={words} />
      {chosen ? (
        <OfferButton offer={chosen} proposal={proposal} words={words} />
      ) : (
        <Text variant="microcopy">{words.choosePrompt}</Text>
      )}
    </>
  );
}

function Choice({ view, proposal, words }: Props): React.JSX.Element {
  const options = view.offers.map(({ recipient }) => ({
    label: recipient.name || recipient.email,
    ...(recipient.name && recipient.name !== recipient.email && { description: recipient.email }),
    value: recipient.contactId,
  }));
  return (
    <ToggleGroup
      toggleType="radioButtonList"
      name="recipient"
      label={words.chooseLabel}
      options={options}
      value={proposal.chosen ?? ''}
      onChange={(contactId: string) => proposal.choose(contactId)}
      testId="recipients"
    />
  );
}

function isChosen(contactId: string | null) {
  return (offer: { recipient: { contactId: string } }) => offer.recipient.contactId === contactId;
}
