// What is due now and what recurs, as the server wrote it.
import React from 'react';
import { Statistics, StatisticsItem } from '@hubspot/ui-extensions';
import type { View } from '../apiTypes';
import type { Words } from '../messages';

interface Props {
  amounts: View['amounts'];
  words: Words;
}

export function Amounts({ amounts, words }: Props): React.JSX.Element | null {
  if (!amounts) return null;
  return (
    <Statistics testId="amounts">
      <StatisticsItem label={words.dueNow} number={amounts.dueNow} />
      {amounts.recurring !== null && (
        <StatisticsItem label={words.recurring} number={amounts.recurring} />
      )}
    </Statistics>
  );
}
