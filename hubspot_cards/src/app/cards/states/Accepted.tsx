// The customer said yes; the money has its own state.
import React from 'react';
import { Alert } from '@hubspot/ui-extensions';
import { Amounts } from '../parts/Amounts';
import { Facts } from '../parts/Facts';
import type { StateProps } from '../stateProps';

export function Accepted({ view, words, reader }: StateProps): React.JSX.Element {
  return (
    <>
      {view.message && <Alert title={view.message} variant="warning" />}
      <Amounts view={view} words={words} />
      <Facts view={view} words={words} reader={reader} />
    </>
  );
}
