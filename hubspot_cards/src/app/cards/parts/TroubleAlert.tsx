// A call that failed: one sentence and, when nobody knows whether it arrived, a safe repeat.
import React from 'react';
import { Alert, Button, Flex, Text } from '@hubspot/ui-extensions';
import type { Words } from '../messages';
import type { Trouble } from '../memory';

interface Props {
  trouble: Trouble | null;
  words: Words;
}

export function TroubleAlert({ trouble, words }: Props): React.JSX.Element | null {
  if (!trouble) return null;
  if (trouble.kind === 'refused') {
    return (
      <Alert title={words.refusedTitle} variant="danger">
        {trouble.message || words.refused}
      </Alert>
    );
  }
  return (
    <Alert title={trouble.message || words.unreachableTitle} variant="danger">
      <Flex direction="column" gap="sm" align="start">
        <Text>{words.unreachable}</Text>
        <Button variant="secondary" size="sm" onClick={trouble.retry} testId="retry">
          {words.retry}
        </Button>
      </Flex>
    </Alert>
  );
}
