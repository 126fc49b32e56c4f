// Several people could receive it: the rep chooses, then the button says whom.
import React from 'react';
import { Heading } from '@hubspot/ui-extensions';
import { LastOutcome } from '../parts/LastOutcome';
import { Offers } from '../parts/Offers';
import type { StateProps } from '../stateProps';

export function ChooseRecipient({ view, proposal, words, reader }: StateProps): React.JSX.Element {
  return (
    <>
      <LastOutcome view={view} words={words} reader={reader} />
      <Heading>{words.chooseTitle}</Heading>
      <Offers view={view} proposal={proposal} words={words} />
    </>
  );
}
