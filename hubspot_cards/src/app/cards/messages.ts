// Every word the card says by itself, in French and English. Sentences about a deal come from the server.
import type { MoneyStatus, ProposalStatus } from './apiTypes';
import type { Language } from './language';

export interface Words {
  status: Record<ProposalStatus, string>;
  money: Record<MoneyStatus, string>;
  loading: string;
  checkAgain: string;
  checking: string;
  retry: string;
  unreachableTitle: string;
  unreachable: string;
  refusedTitle: string;
  refused: string;
  noBackendTitle: string;
  noBackend: string;
  dueNow: string;
  dueOnAcceptance: string;
  recurring: string;
  notConnectedTitle: string;
  notConnected: string;
  notConnectedAsk: string;
  signIn: string;
  signInReady: string;
  signInOpen: string;
  notReadyTitle: (count: number) => string;
  remedy: string;
  chooseTitle: string;
  chooseLabel: string;
  choosePrompt: string;
  creating: string;
  takenTitle: string;
  taken: string;
  tiredTitle: string;
  tired: string;
  problemTitle: string;
  recipient: string;
  number: string;
  sentAt: string;
  validUntil: string;
  acceptedAt: string;
  seeProposal: string;
  sentNote: string;
  withdraw: string;
  withdrawTitle: string;
  withdrawQuestion: string;
  withdrawYes: string;
  withdrawNo: string;
  declinedTitle: (when: string) => string;
  declineReason: (reason: string) => string;
  noReason: string;
  expiredTitle: (when: string) => string;
  expired: string;
  withdrawnTitle: string;
  withdrawn: string;
}

const fr: Words = {
  status: {
    not_created: 'Proposition non créée',
    sent: 'Proposition envoyée',
    accepted: 'Proposition acceptée',
    declined: 'Proposition déclinée',
    expired: 'Proposition expirée',
    withdrawn: 'Proposition retirée',
  },
  money: {
    awaiting_method: 'Moyen de paiement attendu',
    action_needed: 'Le client doit confirmer le paiement',
    pending: 'Paiement en cours',
    paid: 'Payé',
    past_due: 'Échéance impayée',
    failed: 'Paiement non abouti',
    refunded: 'Remboursé',
    disputed: 'Paiement contesté',
    cancelled: 'Annulé',
  },
  loading: 'Lecture de la transaction…',
  checkAgain: 'Vérifier à nouveau',
  checking: 'Vérification…',
  retry: 'Réessayer',
  unreachableTitle: 'Propale ne répond pas',
  unreachable: 'Rien n’est perdu et rien ne sera envoyé deux fois\u00a0: réessayez.',
  refusedTitle: 'Ce n’est pas possible',
  refused: 'Propale a refusé cette demande. Vérifiez à nouveau.',
  noBackendTitle: 'Propale n’est pas configuré',
  noBackend: 'L’adresse de Propale manque dans le profil de cette application\u00a0: signalez-le à votre administrateur.',
  dueNow: 'Aujourd’hui',
  dueOnAcceptance: 'À l’acceptation',
  recurring: 'Ensuite',
  notConnectedTitle: 'Propale n’est pas encore connecté',
  notConnected: 'Pour envoyer une proposition, Propale doit être relié à Stripe et connaître le vendeur.',
  notConnectedAsk: 'Demandez à la personne qui a installé Propale de terminer la connexion, puis vérifiez à nouveau.',
  signIn: 'Ouvrir mon espace Propale',
  signInReady: 'Votre lien est prêt\u202f; il s’ouvre une fois, dans la minute.',
  signInOpen: 'Ouvrir Propale dans un nouvel onglet',
  notReadyTitle: (count) =>
    count === 1 ? 'Un point à régler avant l’envoi' : `${count} points à régler avant l’envoi`,
  remedy: 'À faire\u00a0:',
  chooseTitle: 'À qui envoyer la proposition\u202f?',
  chooseLabel: 'Destinataire',
  choosePrompt: 'Choisissez un destinataire\u00a0: le bouton d’envoi apparaîtra ici.',
  creating: 'Envoi de la demande…',
  takenTitle: 'Demande prise en compte',
  taken: 'La proposition se prépare et part par e-mail. Vous pouvez fermer cette page.',
  tiredTitle: 'C’est un peu plus long que d’habitude',
  tired: 'Votre demande est bien enregistrée et suit son cours. Revenez dans un instant, ou vérifiez à nouveau.',
  problemTitle: 'La proposition n’est pas partie',
  recipient: 'Destinataire',
  number: 'Numéro',
  sentAt: 'Envoyée',
  validUntil: 'Valable jusqu’au',
  acceptedAt: 'Acceptée',
  seeProposal: 'Voir la proposition',
  sentNote: 'Le client a reçu son lien par e-mail. Un message vous préviendra de sa réponse.',
  withdraw: 'Retirer la proposition',
  withdrawTitle: 'Retirer cette proposition\u202f?',
  withdrawQuestion: 'Le client ne pourra plus l’accepter\u00a0: son lien le lui dira. Vous pourrez en envoyer une nouvelle.',
  withdrawYes: 'Oui, retirer',
  withdrawNo: 'Non, la garder',
  declinedTitle: (when) => (when ? `Déclinée par le client le ${when}` : 'Déclinée par le client'),
  declineReason: (reason) => `Sa raison\u00a0: «\u00a0${reason}\u00a0»`,
  noReason: 'Le client n’a pas donné de raison.',
  expiredTitle: (when) => (when ? `Expirée le ${when}` : 'La proposition a expiré'),
  expired: 'Le client n’a pas répondu à temps. Vous pouvez lui en envoyer une nouvelle.',
  withdrawnTitle: 'Proposition retirée',
  withdrawn: 'Le client ne peut plus l’accepter. Vous pouvez en envoyer une nouvelle.',
};

const en: Words = {
  status: {
    not_created: 'Proposal not created',
    sent: 'Proposal sent',
    accepted: 'Proposal accepted',
    declined: 'Proposal declined',
    expired: 'Proposal expired',
    withdrawn: 'Proposal withdrawn',
  },
  money: {
    awaiting_method: 'Payment method awaited',
    action_needed: 'The customer must confirm the payment',
    pending: 'Payment in progress',
    paid: 'Paid',
    past_due: 'Renewal unpaid',
    failed: 'Payment not completed',
    refunded: 'Refunded',
    disputed: 'Payment disputed',
    cancelled: 'Cancelled',
  },
  loading: 'Reading the deal…',
  checkAgain: 'Check again',
  checking: 'Checking…',
  retry: 'Try again',
  unreachableTitle: 'Propale does not answer',
  unreachable: 'Nothing is lost and nothing will be sent twice: try again.',
  refusedTitle: 'This is not possible',
  refused: 'Propale refused this request. Check again.',
  noBackendTitle: 'Propale is not configured',
  noBackend: 'The address of Propale is missing in this app’s profile: please tell your administrator.',
  dueNow: 'Today',
  dueOnAcceptance: 'On acceptance',
  recurring: 'Then',
  notConnectedTitle: 'Propale is not connected yet',
  notConnected: 'To send a proposal, Propale must be linked to Stripe and know the seller.',
  notConnectedAsk: 'Ask the person who installed Propale to finish connecting it, then check again.',
  signIn: 'Open my Propale pages',
  signInReady: 'Your link is ready; it opens once, within a minute.',
  signInOpen: 'Open Propale in a new tab',
  notReadyTitle: (count) =>
    count === 1 ? 'One thing to settle before sending' : `${count} things to settle before sending`,
  remedy: 'What to do:',
  chooseTitle: 'Who should receive the proposal?',
  chooseLabel: 'Recipient',
  choosePrompt: 'Choose a recipient: the button to send will appear here.',
  creating: 'Sending the request…',
  takenTitle: 'Request taken',
  taken: 'The proposal is being prepared and mailed. You may close this page.',
  tiredTitle: 'This takes a little longer than usual',
  tired: 'Your request is recorded and on its way. Come back in a moment, or check again.',
  problemTitle: 'The proposal was not sent',
  recipient: 'Recipient',
  number: 'Number',
  sentAt: 'Sent',
  validUntil: 'Valid until',
  acceptedAt: 'Accepted',
  seeProposal: 'See the proposal',
  sentNote: 'The customer received the link by e-mail. You will be told when they answer.',
  withdraw: 'Withdraw the proposal',
  withdrawTitle: 'Withdraw this proposal?',
  withdrawQuestion: 'The customer can no longer accept it then: their link will say so. You will be able to send a new one.',
  withdrawYes: 'Yes, withdraw',
  withdrawNo: 'No, keep it',
  declinedTitle: (when) => (when ? `Declined by the customer on ${when}` : 'Declined by the customer'),
  declineReason: (reason) => `Their reason: “${reason}”`,
  noReason: 'The customer gave no reason.',
  expiredTitle: (when) => (when ? `Expired on ${when}` : 'The proposal has expired'),
  expired: 'The customer did not answer in time. You can send a new one.',
  withdrawnTitle: 'Proposal withdrawn',
  withdrawn: 'The customer can no longer accept it. You can send a new one.',
};

const WORDS: Record<Language, Words> = { fr, en };

export function wordsIn(language: Language): Words {
  return WORDS[language];
}
