// The deal lacks something: every point with its remedy, and the amounts when they are known.
import React from 'react';
import { Amounts } from '../parts/Amounts';
import { LastOutcome } from '../parts/LastOutcome';
import { Problems } from '../parts/Problems';
import type { StateProps } from '../stateProps';

export function NotReady({ view, words, reader }: StateProps): React.JSX.Element {
  return (
    <>
      <LastOutcome view={view} words={words} reader={reader} />
      <Problems problems={view.problems} words={words} />
      <Amounts view={view} words={words} />
    </>
  );
}
