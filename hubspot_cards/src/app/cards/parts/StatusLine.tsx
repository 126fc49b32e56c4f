// The proposal's status, and the money's below it.
import React from 'react';
import { Flex, StatusTag } from '@hubspot/ui-extensions';
import type { MoneyStatus, ProposalStatus, View } from '../apiTypes';
import type { Words } from '../messages';

type Colour = 'danger' | 'warning' | 'info' | 'success' | 'default';

const STATUS_COLOUR: Record<ProposalStatus, Colour> = {
  not_created: 'default',
  sent: 'info',
  accepted: 'success',
  declined: 'danger',
  expired: 'warning',
  withdrawn: 'default',
};

const MONEY_COLOUR: Record<MoneyStatus, Colour> = {
  awaiting_method: 'warning',
  action_needed: 'warning',
  pending: 'info',
  paid: 'success',
  past_due: 'danger',
  failed: 'danger',
  refunded: 'default',
  disputed: 'danger',
  cancelled: 'default',
};

export function StatusLine({ view, words }: { view: View; words: Words }): React.JSX.Element {
  const money = view.money?.status;
  return (
    <Flex direction="column" gap="xs" align="start">
      <StatusTag variant={STATUS_COLOUR[view.status]} testId="status">
        {words.status[view.status]}
      </StatusTag>
      {money && (
        <StatusTag variant={MONEY_COLOUR[money]} hollow={true} testId="money">
          {words.money[money]}
        </StatusTag>
      )}
    </Flex>
  );
}
