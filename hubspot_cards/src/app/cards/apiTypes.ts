// The shapes of the card API. `card-api.schema.json` says the same in JSON Schema; a test compares both.

export type CardState =
  | 'not_connected'
  | 'not_ready'
  | 'choose_recipient'
  | 'ready'
  | 'taken'
  | 'sent'
  | 'accepted'
  | 'problem';

export type ProposalStatus =
  | 'not_created'
  | 'sent'
  | 'accepted'
  | 'declined'
  | 'expired'
  | 'withdrawn';

export type MoneyStatus =
  | 'awaiting_method'
  | 'action_needed'
  | 'pending'
  | 'paid'
  | 'past_due'
  | 'failed'
  | 'refunded'
  | 'disputed'
  | 'cancelled';

export interface Problem {
  code: string;
  field: string;
  message: string;
  remedy: string;
}

export interface Warning {
  code: string;
  message: string;
  /** Where to do something about it; stands with `linkLabel`. */
  link?: string;
  linkLabel?: string;
}

export interface Offer {
  recipient: { contactId: string; name: string; email: string };
  /** SHA-256 (hex) of recipient, lines and amounts: what the button promises. */
  shown: string;
  label: string;
}

export interface ProposalFacts {
  id: string;
  number: string;
  link: string;
  sentAt: string | null;
  acceptedAt: string | null;
  declinedAt: string | null;
  declineReason: string | null;
  validUntil: string | null;
  recipientEmail: string;
  withdrawable: boolean;
}

export interface View {
  state: CardState;
  /** Of the deal's newest proposal. */
  status: ProposalStatus;
  money: { status: MoneyStatus } | null;
  problems: Problem[];
  warnings: Warning[];
  /** One in `ready`, several in `choose_recipient`; `problem` may carry them again. */
  offers: Offer[];
  amounts: { dueNow: string; recurring: string | null } | null;
  proposal: ProposalFacts | null;
  message: string | null;
  /** In `not_connected`: this user may sign in and connect what is missing. */
  connectable: boolean;
}

export interface CreateRequest {
  requestId: string;
  recipientContactId: string;
  shown: string;
}

export interface CreateAnswer {
  state: 'taken';
}

export interface WithdrawRequest {
  proposalId: string;
}

export interface SignInAnswer {
  /** Opens a session once, within 60 seconds. */
  url: string;
}

export interface ErrorAnswer {
  error: { code: string; message: string };
}
