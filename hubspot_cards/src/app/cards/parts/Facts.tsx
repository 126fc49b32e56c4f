// The proposal's number, recipient and dates, and the seller's own view of it.
import React from 'react';
import { DescriptionList, DescriptionListItem, Link } from '@hubspot/ui-extensions';
import { formatMoment, type Reader } from '../language';
import type { StateProps } from '../stateProps';

type Props = Pick<StateProps, 'view' | 'words' | 'reader'>;

export function Facts({ view, words, reader }: Props): React.JSX.Element | null {
  const { proposal } = view;
  if (!proposal) return null;
  return (
    <>
      <DescriptionList direction="row">
        <Fact label={words.number} value={proposal.number} />
        <Fact label={words.recipient} value={proposal.recipientEmail} />
        <Fact label={words.sentAt} value={moment(proposal.sentAt, reader)} />
        <Fact label={words.acceptedAt} value={moment(proposal.acceptedAt, reader)} />
        {view.state === 'sent' && (
          <Fact label={words.validUntil} value={moment(proposal.validUntil, reader)} />
        )}
      </DescriptionList>
      <Link href={{ url: proposal.link, external: true }}>{words.seeProposal}</Link>
    </>
  );
}

function Fact({ label, value }: { label: string; value: string }): React.JSX.Element | null {
  return value ? <DescriptionListItem label={label}>{value}</DescriptionListItem> : null;
}

function moment(iso: string | null, reader: Reader): string {
  return iso ? formatMoment(iso, reader) : '';
}
