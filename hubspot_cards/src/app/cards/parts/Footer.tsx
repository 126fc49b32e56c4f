// Always there: read the deal again, and the way to the pages of Propale.
import React from 'react';
import { Flex, LoadingButton } from '@hubspot/ui-extensions';
import type { View } from '../apiTypes';
import type { Words } from '../messages';
import type { Proposal } from '../memory';
import { SignIn } from './SignIn';

interface Props {
  view: View | null;
  proposal: Proposal;
  words: Words;
}

export function Footer({ view, proposal, words }: Props): React.JSX.Element {
  const checking = proposal.busy === 'checking' || proposal.busy === 'loading';
  return (
    <Flex direction="row" gap="sm" align="center" wrap="wrap">
      <LoadingButton
        variant="secondary"
        size="sm"
        loading={checking}
        disabled={proposal.busy !== null}
        onClick={proposal.checkAgain}
        testId="check-again"
      >
        {checking ? words.checking : words.checkAgain}
      </LoadingButton>
      {view && view.state !== 'not_connected' && (
        <SignIn proposal={proposal} words={words} rank="aside" />
      )}
    </Flex>
  );
}
