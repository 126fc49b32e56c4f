// The customer has the proposal; until the answer it can be withdrawn, after a second question.
import React from 'react';
import { Alert, Button, Flex, LoadingButton, Text } from '@hubspot/ui-extensions';
import { Amounts } from '../parts/Amounts';
import { Facts } from '../parts/Facts';
import type { Words } from '../messages';
import type { StateProps } from '../stateProps';
import type { Proposal } from '../memory';

export function Sent({ view, proposal, words, reader }: StateProps): React.JSX.Element {
  return (
    <>
      {view.message ? <Alert title={view.message} variant="warning" /> : <Text>{words.sentNote}</Text>}
      <Amounts view={view} words={words} />
      <Facts view={view} words={words} reader={reader} />
      {view.proposal?.withdrawable && <Withdraw proposal={proposal} words={words} />}
    </>
  );
}

function Withdraw({ proposal, words }: { proposal: Proposal; words: Words }): React.JSX.Element {
  const busy = proposal.busy !== null;
  if (!proposal.confirming) {
    return (
      <Flex>
        <Button
          variant="secondary"
          size="sm"
          disabled={busy}
          onClick={() => proposal.askToWithdraw(true)}
          testId="withdraw"
        >
          {words.withdraw}
        </Button>
      </Flex>
    );
  }
  return (
    <Alert title={words.withdrawTitle} variant="warning">
      <Flex direction="column" gap="sm" align="start">
        <Text>{words.withdrawQuestion}</Text>
        <Flex direction="row" gap="sm" wrap="wrap">
          <LoadingButton
            variant="destructive"
            size="sm"
            loading={proposal.busy === 'withdrawing'}
            disabled={busy}
            onClick={proposal.withdraw}
            testId="withdraw-yes"
          >
            {words.withdrawYes}
          </LoadingButton>
          <Button
            variant="secondary"
            size="sm"
            disabled={busy}
            onClick={() => proposal.askToWithdraw(false)}
            testId="withdraw-no"
          >
            {words.withdrawNo}
          </Button>
        </Flex>
      </Flex>
    </Alert>
  );
}
