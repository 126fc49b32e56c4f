// A colleague signs in from the card: the server gives a link that opens a session once.
import React from 'react';
import { Button, Flex, Link, LoadingButton, Text } from '@hubspot/ui-extensions';
import type { Words } from '../messages';
import type { Proposal } from '../memory';

interface Props {
  proposal: Proposal;
  words: Words;
  /** `main`: it is what this state asks for. */
  rank: 'main' | 'aside';
}

export function SignIn({ proposal, words, rank }: Props): React.JSX.Element {
  if (proposal.signInUrl) {
    return (
      <Flex direction="column" gap="xs" align="start">
        <Text variant="microcopy">{words.signInReady}</Text>
        <Link href={{ url: proposal.signInUrl, external: true }}>{words.signInOpen}</Link>
      </Flex>
    );
  }
  if (rank === 'aside') {
    return (
      <Button variant="transparent" disabled={proposal.busy !== null} onClick={proposal.signIn} testId="sign-in">
        {words.signIn}
      </Button>
    );
  }
  return (
    <LoadingButton
      variant="primary"
      loading={proposal.busy === 'signing_in'}
      disabled={proposal.busy !== null}
      onClick={proposal.signIn}
      testId="sign-in"
    >
      {words.signIn}
    </LoadingButton>
  );
}
