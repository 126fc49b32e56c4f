// The request is stored; the card follows it until it is answered.
import React from 'react';
import { Alert, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import { Amounts } from '../parts/Amounts';
import type { StateProps } from '../stateProps';

export function Taken({ view, proposal, words }: StateProps): React.JSX.Element {
  if (proposal.tired) {
    return <Alert title={words.tiredTitle} variant="info">{words.tired}</Alert>;
  }
  return (
    <>
      <LoadingSpinner label={words.takenTitle} showLabel={true} />
      <Text>{view.message ?? words.taken}</Text>
      <Amounts view={view} words={words} />
    </>
  );
}
