// What is due now and what recurs, as the server wrote it.
import React from 'react';
import { Statistics, StatisticsItem } from '@hubspot/ui-extensions';
import type { View } from '../apiTypes';
import type { Words } from '../messages';

interface Props {
  view: View;
  words: Words;
}

export function Amounts({ view, words }: Props): React.JSX.Element | null {
  const { amounts, state } = view;
  if (!amounts) return null;
  const frozen = state === 'sent' || state === 'accepted';
  const dueLabel = frozen ? words.dueOnAcceptance : words.dueNow;
  return (
    <Statistics testId="amounts">
      <StatisticsItem label={dueLabel} number={amounts.dueNow} />
      {amounts.recurring !== null && (
        <StatisticsItem label={words.recurring} number={amounts.recurring} />
      )}
    </Statistics>
  );
}
