// The card's one primary button: it says to whom and how much, in the server's words.
import React from 'react';
import { LoadingButton } from '@hubspot/ui-extensions';
import type { Offer } from '../apiTypes';
import type { Words } from '../messages';
import type { Proposal } from '../memory';

interface Props {
  offer: Offer;
  proposal: Proposal;
  words: Words;
}

export function OfferButton({ offer, proposal, words }: Props): React.JSX.Element {
  const creating = proposal.busy === 'creating';
  return (
    <LoadingButton
      variant="primary"
      loading={creating}
      disabled={proposal.busy !== null}
      onClick={() => proposal.create(offer)}
      testId="create"
    >
      {creating ? words.creating : offer.label}
    </LoadingButton>
  );
}
