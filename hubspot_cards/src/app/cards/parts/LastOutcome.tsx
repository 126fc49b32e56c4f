// How the deal's last proposal ended, when a new one may follow it.
import React from 'react';
import { Alert } from '@hubspot/ui-extensions';
import { formatMoment, type Reader } from '../language';
import type { StateProps } from '../stateProps';

type Props = Pick<StateProps, 'view' | 'words' | 'reader'>;

export function LastOutcome({ view, words, reader }: Props): React.JSX.Element | null {
  const proposal = view.proposal;
  if (view.status === 'declined') {
    const reason = proposal?.declineReason;
    return (
      <Alert title={words.declinedTitle(moment(proposal?.declinedAt, reader))} variant="info">
        {reason ? words.declineReason(reason) : words.noReason}
      </Alert>
    );
  }
  if (view.status === 'expired') {
    const title = words.expiredTitle(moment(proposal?.validUntil, reader));
    return <Alert title={title} variant="info">{words.expired}</Alert>;
  }
  if (view.status === 'withdrawn') {
    return <Alert title={words.withdrawnTitle} variant="info">{words.withdrawn}</Alert>;
  }
  return null;
}

function moment(iso: string | null | undefined, reader: Reader): string {
  return iso ? formatMoment(iso, reader) : '';
}
