// The card on a deal: where the proposal and its money stand, and the one button that sends it.
import React, { useMemo } from 'react';
import {
  Alert,
  Flex,
  LoadingSpinner,
  hubspot,
  useExtensionActions,
  useExtensionContext,
} from '@hubspot/ui-extensions';
import { createApi } from './api';
import { readerOf, type Reader } from './language';
import { wordsIn } from './messages';
import { Footer } from './parts/Footer';
import { StatusLine } from './parts/StatusLine';
import { TroubleAlert } from './parts/TroubleAlert';
import { Warnings } from './parts/Warnings';
import type { StateProps } from './stateProps';
import { Accepted } from './states/Accepted';
import { ChooseRecipient } from './states/ChooseRecipient';
import { NotConnected } from './states/NotConnected';
import { NotReady } from './states/NotReady';
import { Problem } from './states/Problem';
import { Ready } from './states/Ready';
import { Sent } from './states/Sent';
import { Taken } from './states/Taken';
import type { CardState } from './apiTypes';
import type { Pace } from './memory';
import { useProposal } from './useProposal';

const STATES: Record<CardState, (props: StateProps) => React.JSX.Element> = {
  not_connected: NotConnected,
  not_ready: NotReady,
  choose_recipient: ChooseRecipient,
  ready: Ready,
  taken: Taken,
  sent: Sent,
  accepted: Accepted,
  problem: Problem,
};

export function CreateProposal({ pace }: { pace?: Pace }): React.JSX.Element {
  const { crm, portal, user, variables } = useExtensionContext<'crm.record.tab'>();
  const reader = readerOf(user, portal.timezone);
  const backendUrl = variables?.BACKEND_URL;
  if (typeof backendUrl !== 'string') {
    const words = wordsIn(reader.language);
    return <Alert title={words.noBackendTitle} variant="error">{words.noBackend}</Alert>;
  }
  const deal = { backendUrl, dealId: crm.objectId, reader, ...(pace && { pace }) };
  return <DealProposal key={crm.objectId} {...deal} />;
}

interface DealProps {
  backendUrl: string;
  dealId: number;
  reader: Reader;
  pace?: Pace;
}

function DealProposal({ backendUrl, dealId, reader, pace }: DealProps): React.JSX.Element {
  const actions = useExtensionActions<'crm.record.tab'>();
  const { language } = reader;
  const api = useMemo(
    () => createApi({ backendUrl, dealId, language }),
    [backendUrl, dealId, language],
  );
  const proposal = useProposal(api, () => actions.refreshObjectProperties(), pace);
  const words = wordsIn(language);
  const { view, busy } = proposal;
  const Current = view && STATES[view.state];
  return (
    <Flex direction="column" gap="md">
      {view && <StatusLine view={view} words={words} />}
      <TroubleAlert trouble={proposal.trouble} words={words} />
      {view && Current && (
        <>
          <Current view={view} proposal={proposal} words={words} reader={reader} />
          <Warnings warnings={view.warnings} />
        </>
      )}
      {!view && busy === 'loading' && <LoadingSpinner label={words.loading} showLabel={true} />}
      {(view || busy !== 'loading') && <Footer view={view} proposal={proposal} words={words} />}
    </Flex>
  );
}

hubspot.extend<'crm.record.tab'>(() => <CreateProposal />);
