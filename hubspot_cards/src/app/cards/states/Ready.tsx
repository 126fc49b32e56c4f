// Everything is there: one button.
import React from 'react';
import { LastOutcome } from '../parts/LastOutcome';
import { Offers } from '../parts/Offers';
import type { StateProps } from '../stateProps';

export function Ready({ view, proposal, words, reader }: StateProps): React.JSX.Element {
  return (
    <>
      <LastOutcome view={view} words={words} reader={reader} />
      <Offers view={view} proposal={proposal} words={words} />
    </>
  );
}
