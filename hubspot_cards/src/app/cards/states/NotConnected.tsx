// Nothing can be sent before Stripe and the seller are known.
import React from 'react';
import { Alert, Text } from '@hubspot/ui-extensions';
import { Problems } from '../parts/Problems';
import { SignIn } from '../parts/SignIn';
import type { StateProps } from '../stateProps';

export function NotConnected({ view, proposal, words }: StateProps): React.JSX.Element {
  return (
    <>
      <Alert title={words.notConnectedTitle} variant="info">
        {view.message ?? words.notConnected}
      </Alert>
      <Problems problems={view.problems} words={words} />
      {view.connectable ? (
        <SignIn proposal={proposal} words={words} rank="main" />
      ) : (
        <Text>{words.notConnectedAsk}</Text>
      )}
    </>
  );
}
