// Something went wrong after the click: what happened, and the way on.
import React from 'react';
import { Alert } from '@hubspot/ui-extensions';
import { LastOutcome } from '../parts/LastOutcome';
import { Offers } from '../parts/Offers';
import { Problems } from '../parts/Problems';
import type { StateProps } from '../stateProps';

export function Problem({ view, proposal, words, reader }: StateProps): React.JSX.Element {
  return (
    <>
      <LastOutcome view={view} words={words} reader={reader} />
      <Alert title={words.problemTitle} variant="danger">
        {view.message ?? words.refused}
      </Alert>
      <Problems problems={view.problems} words={words} />
      <Offers view={view} proposal={proposal} words={words} />
    </>
  );
}
