// Every problem at once, each with what to do about it.
import React from 'react';
import { Alert, Flex, List, Text } from '@hubspot/ui-extensions';
import type { Problem } from '../apiTypes';
import type { Words } from '../messages';

interface Props {
  problems: Problem[];
  words: Words;
}

export function Problems({ problems, words }: Props): React.JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <Alert title={words.notReadyTitle(problems.length)} variant="warning">
      <List variant="unordered-styled">
        {problems.map((problem, index) => (
          <Flex key={`${problem.code}-${index}`} direction="column" gap="flush">
            <Text format={{ fontWeight: 'demibold' }}>{problem.message}</Text>
            <Text>
              {words.remedy} {problem.remedy}
            </Text>
          </Flex>
        ))}
      </List>
    </Alert>
  );
}
