// The customer said yes; the money has its own state.
import React from 'react';
import { Text } from '@hubspot/ui-extensions';
import { Amounts } from '../parts/Amounts';
import { Facts } from '../parts/Facts';
import type { StateProps } from '../stateProps';

export function Accepted({ view, words, reader }: StateProps): React.JSX.Element {
  return (
    <>
      {view.message && <Text>{view.message}</Text>}
      <Amounts view={view} words={words} />
      <Facts view={view} words={words} reader={reader} />
    </>
  );
}
