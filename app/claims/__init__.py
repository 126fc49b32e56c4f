"""How a worker takes work out of the table of messages: claim, lease, lane, turn.

A *claim* is one process asking for as many messages as it has free threads (`app.messages.claim`).
A *candidate* is a message that is due; of each lane only the first few are looked at, so that a
backlog costs a claim nothing (`candidates`).
A *lane* is all messages of one tenant for one provider; only a few of a lane are in work at a time,
however many processes claim (`lanes`).
A *turn* is a candidate's place in the order of work: every lane gets its first message before any
gets its second, and two messages of one subject never run together (`turns`).
A *lease* says that the process that took a message lives. It is renewed while the work goes on, and
ends by itself soon after the process died; then the message is due again (`leases`).
"""
