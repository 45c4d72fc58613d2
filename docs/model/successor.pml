/*
 * The table of the successor, compared with SuccessorMachine by ModelTableTest.
 *
 * S_ROW leaves out: HELLO STATE_BEGIN STATE_CHUNK STATE_END READY FAILED ADOPTED REJECTED COMPLETE
 */

inline successor_decides() {
    if

    /* Idle */
    S_ROW(Idle, Connected, true, Send(HELLO), AwaitWelcome, WELCOME)

    /* AwaitWelcome */
    S_ROW(AwaitWelcome, WELCOME, true, KeepLifeline, ReceivingState_bare, STATE)
    S_ROW(AwaitWelcome, REFUSED, true, CloseControl; End, Ended_Refused, NONE)
    S_ROW(AwaitWelcome, ABORT, true, GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(AwaitWelcome, WriteFailed, true, GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(AwaitWelcome, PeerEnded, true, GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(AwaitWelcome, Unreadable, true, Send(ABORT); ShutControl; GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(AwaitWelcome, deadline_WELCOME, true, Send(ABORT); ShutControl; GiveUp; CloseControl; End, Ended_GaveUp, NONE)

    /* ReceivingState_bare */
    S_ROW(ReceivingState_bare, LISTENERS, true, AdoptListeners, ReceivingState, STATE)
    S_ROW(ReceivingState_bare, AuthorFailed, true, Send(FAILED); GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(ReceivingState_bare, SectionRejected, true, Send(FAILED); GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(ReceivingState_bare, deadline_STATE, true, Send(ABORT); ShutControl; Lose; Mark(shut), ReadingOut, NONE)
    S_ROW(ReceivingState_bare, Unreadable, true, Send(ABORT); ShutControl; Lose; Mark(shut); Mark(faulty), ReadingOut, NONE)
    S_ROW(ReceivingState_bare, ABORT, true, Lose, ReadingOut, READ_OUT)
    S_ROW(ReceivingState_bare, WriteFailed, true, WritesFail; Lose; Unmark(completing), ReadingOut, READ_OUT)
    S_ROW(ReceivingState_bare, PeerEnded, true, Wait(ReceivingState_bare); AskLifeline, AwaitLifeline, NONE)

    /* ReceivingState */
    S_ROW(ReceivingState, OFFER, true, ReleaseOffer, Offered, NONE)
    S_ROW(ReceivingState, AuthorFailed, true, Send(FAILED); GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(ReceivingState, SectionRejected, true, Send(FAILED); GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(ReceivingState, deadline_STATE, true, Send(ABORT); ShutControl; Lose; Mark(shut), ReadingOut, NONE)
    S_ROW(ReceivingState, Unreadable, true, Send(ABORT); ShutControl; Lose; Mark(shut); Mark(faulty), ReadingOut, NONE)
    S_ROW(ReceivingState, ABORT, true, Lose, ReadingOut, READ_OUT)
    S_ROW(ReceivingState, WriteFailed, true, WritesFail; Lose; Unmark(completing), ReadingOut, READ_OUT)
    S_ROW(ReceivingState, PeerEnded, true, Wait(ReceivingState); AskLifeline, AwaitLifeline, NONE)

    /* Offered */
    S_ROW(Offered, AuthorReady, true, Send(READY), AwaitCutover, CUTOVER)
    S_ROW(Offered, AuthorFailed, true, Send(FAILED); GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(Offered, SectionRejected, true, Send(FAILED); GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(Offered, Unreadable, true, Send(ABORT); ShutControl; Lose; Mark(shut); Mark(faulty), ReadingOut, NONE)
    S_ROW(Offered, ABORT, true, Lose, ReadingOut, READ_OUT)
    S_ROW(Offered, WriteFailed, true, WritesFail; Lose; Unmark(completing), ReadingOut, READ_OUT)
    S_ROW(Offered, PeerEnded, true, Wait(Offered); AskLifeline, AwaitLifeline, NONE)

    /* AwaitCutover */
    S_ROW(AwaitCutover, CUTOVER, !together, AcceptFromHere, Receiving, FINISHED)
    S_ROW(AwaitCutover, CUTOVER, together, skip, Receiving_quiet, FINISHED)
    S_ROW(AwaitCutover, AuthorFailed, true, Send(FAILED); GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(AwaitCutover, SectionRejected, true, Send(FAILED); GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(AwaitCutover, deadline_CUTOVER, true, Send(ABORT); ShutControl; Lose; Mark(shut), ReadingOut, NONE)
    S_ROW(AwaitCutover, Unreadable, true, Send(ABORT); ShutControl; Lose; Mark(shut); Mark(faulty), ReadingOut, NONE)
    S_ROW(AwaitCutover, ABORT, true, Lose, ReadingOut, READ_OUT)
    S_ROW(AwaitCutover, WriteFailed, true, WritesFail; Lose; Unmark(completing), ReadingOut, READ_OUT)
    S_ROW(AwaitCutover, PeerEnded, true, Wait(AwaitCutover); AskLifeline, AwaitLifeline, NONE)

    /* Receiving */
    S_ROW(Receiving, CONNECTIONS, true, Adopt, Receiving, FINISHED)
    S_ROW(Receiving, FINISHED, true, Send(COMPLETE), Completing, COMPLETE)
    S_ROW(Receiving, deadline_FINISHED, true, Send(COMPLETE), Completing, COMPLETE)
    S_ROW(Receiving, UnitsAdopted, true, SendAdopted, Receiving, same)
    S_ROW(Receiving, UnitRejected, true, Drop; Send(REJECTED), Receiving, same)
    S_ROW(Receiving, AdoptedWritten, true, StartUnits, Receiving, same)
    S_ROW(Receiving, SectionRejected, true, Send(ABORT); ShutControl; Lose; Mark(shut), ReadingOut, NONE)
    S_ROW(Receiving, Unreadable, true, Send(ABORT); ShutControl; Lose; Mark(shut); Mark(faulty), ReadingOut, NONE)
    S_ROW(Receiving, ABORT, true, Lose, ReadingOut, READ_OUT)
    S_ROW(Receiving, WriteFailed, true, WritesFail; Lose; Unmark(completing), ReadingOut, READ_OUT)
    S_ROW(Receiving, PeerEnded, !sends, Wait(Receiving); AskLifeline, AwaitLifeline, NONE)
    S_ROW(Receiving, PeerEnded, sends, Lose; Mark(peerEnded), ReadingOut, READ_OUT)

    /* Receiving_quiet */
    S_ROW(Receiving_quiet, CONNECTIONS, true, Adopt, Receiving_quiet, FINISHED)
    S_ROW(Receiving_quiet, FINISHED, adopting, skip, Joining, FINISHED)
    S_ROW(Receiving_quiet, FINISHED, !adopting, Send(COMPLETE), Completing_quiet, COMPLETE)
    S_ROW(Receiving_quiet, UnitsAdopted, true, Hold, Receiving_quiet, same)
    S_ROW(Receiving_quiet, AuthorFailed, true, Send(FAILED); GiveUp; AbandonHeld; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(Receiving_quiet, SectionRejected, true, Send(FAILED); GiveUp; AbandonHeld; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(Receiving_quiet, UnitRejected, true, Drop; Send(FAILED); GiveUp; AbandonHeld; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(Receiving_quiet, deadline_FINISHED, true, Send(ABORT); ShutControl; Lose; Mark(shut), ReadingOut, NONE)
    S_ROW(Receiving_quiet, Unreadable, true, Send(ABORT); ShutControl; Lose; Mark(shut); Mark(faulty), ReadingOut, NONE)
    S_ROW(Receiving_quiet, ABORT, true, Lose, ReadingOut, READ_OUT)
    S_ROW(Receiving_quiet, WriteFailed, true, WritesFail; Lose; Unmark(completing), ReadingOut, READ_OUT)
    S_ROW(Receiving_quiet, PeerEnded, true, Wait(Receiving_quiet); AskLifeline, AwaitLifeline, NONE)

    /* Joining */
    S_ROW(Joining, UnitsAdopted, adoptsMore, Hold, Joining, same)
    S_ROW(Joining, UnitsAdopted, !adoptsMore, Hold; Send(COMPLETE), Completing_quiet, COMPLETE)
    S_ROW(Joining, AuthorFailed, true, Send(FAILED); GiveUp; AbandonHeld; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(Joining, SectionRejected, true, Send(FAILED); GiveUp; AbandonHeld; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(Joining, UnitRejected, true, Drop; Send(FAILED); GiveUp; AbandonHeld; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(Joining, deadline_FINISHED, true, Send(ABORT); ShutControl; Lose; Mark(shut), ReadingOut, NONE)
    S_ROW(Joining, Unreadable, true, Send(ABORT); ShutControl; Lose; Mark(shut); Mark(faulty), ReadingOut, NONE)
    S_ROW(Joining, ABORT, true, Lose, ReadingOut, READ_OUT)
    S_ROW(Joining, WriteFailed, true, WritesFail; Lose; Unmark(completing), ReadingOut, READ_OUT)
    S_ROW(Joining, PeerEnded, true, Wait(Joining); AskLifeline, AwaitLifeline, NONE)

    /* Completing */
    S_ROW(Completing, CONNECTIONS, true, Adopt, Completing, same)
    S_ROW(Completing, FINISHED, true, skip, Completing, same)
    S_ROW(Completing, UnitsAdopted, true, SendAdopted, Completing, same)
    S_ROW(Completing, UnitRejected, true, Drop; Send(REJECTED), Completing, same)
    S_ROW(Completing, AdoptedWritten, true, StartUnits, Completing, same)
    S_ROW(Completing, CompleteWritten, sends, ServerNow, Serving, WRITE)
    S_ROW(Completing, CompleteWritten, !sends, ServerNow, Serving, NONE)
    S_ROW(Completing, deadline_COMPLETE, true, Send(ABORT); ShutControl; Lose; Mark(shut), ReadingOut, NONE)
    S_ROW(Completing, Unreadable, true, Send(ABORT); ShutControl; Lose; Mark(shut); Mark(faulty), ReadingOut, NONE)
    S_ROW(Completing, ABORT, true, Lose, ReadingOut, READ_OUT)
    S_ROW(Completing, WriteFailed, true, WritesFail; Lose; Unmark(completing), ReadingOut, READ_OUT)
    S_ROW(Completing, PeerEnded, true, Lose; Mark(peerEnded), ReadingOut, READ_OUT)

    /* Completing_quiet */
    S_ROW(Completing_quiet, AuthorFailed, true, skip, Completing_quiet, same)
    S_ROW(Completing_quiet, CompleteWritten, true, AcceptFromHere; StartHeld; ServerNow, Serving, NONE)
    S_ROW(Completing_quiet, deadline_COMPLETE, true, Send(ABORT); ShutControl; Lose; Mark(shut), ReadingOut, NONE)
    S_ROW(Completing_quiet, Unreadable, true, Send(ABORT); ShutControl; Lose; Mark(shut); Mark(faulty), ReadingOut, NONE)
    S_ROW(Completing_quiet, ABORT, true, Lose, ReadingOut, READ_OUT)
    S_ROW(Completing_quiet, WriteFailed, true, WritesFail; Lose; Unmark(completing), ReadingOut, READ_OUT)
    S_ROW(Completing_quiet, PeerEnded, true, Lose; Mark(peerEnded), ReadingOut, READ_OUT)

    /* Serving */
    S_ROW(Serving, CONNECTIONS, !together, Adopt, Serving, same)
    S_ROW(Serving, FINISHED, !together, skip, Serving, same)
    S_ROW(Serving, UnitsAdopted, true, SendAdopted, Serving, WRITE)
    S_ROW(Serving, UnitRejected, true, Drop; Send(REJECTED), Serving, same)
    S_ROW(Serving, AdoptedWritten, sendsMore, StartUnits, Serving, WRITE)
    S_ROW(Serving, AdoptedWritten, !sendsMore, StartUnits, Serving, NONE)
    S_ROW(Serving, deadline_WRITE, true, Send(ABORT); ShutControl; Lose; Mark(shut), ReadingOut, NONE)
    S_ROW(Serving, Unreadable, true, Send(ABORT); ShutControl; Lose; Mark(shut); Mark(faulty), ReadingOut, NONE)
    S_ROW(Serving, ABORT, true, Lose, ReadingOut, READ_OUT)
    S_ROW(Serving, WriteFailed, true, WritesFail; Lose; Unmark(completing), ReadingOut, READ_OUT)
    S_ROW(Serving, PeerEnded, noUnits, CloseControl; End, Ended_Serves, NONE)
    S_ROW(Serving, PeerEnded, !noUnits && !sends, Wait(Serving); AskLifeline, AwaitLifeline, NONE)
    S_ROW(Serving, PeerEnded, sends, Lose; Mark(peerEnded), ReadingOut, READ_OUT)

    /* ReadingOut */
    S_ROW(ReadingOut, LISTENERS, is(ReceivingState_bare) && !faulty, AdoptListeners; Live(ReceivingState), ReadingOut, same)
    S_ROW(ReadingOut, OFFER, is(ReceivingState) && !faulty, ReleaseOffer; Live(Offered), ReadingOut, same)
    S_ROW(ReadingOut, CUTOVER, is(AwaitCutover) && !faulty, Live(Receiving_quiet), ReadingOut, same)
    S_ROW(ReadingOut, CONNECTIONS, open && !faulty, Adopt, ReadingOut, same)
    S_ROW(ReadingOut, FINISHED, !together && open && !faulty, skip, ReadingOut, same)
    S_ROW(ReadingOut, FINISHED, together && open && !faulty, Live(Joining), ReadingOut, same)
    S_ROW(ReadingOut, ABORT, !faulty, skip, ReadingOut, same)
    S_ROW(ReadingOut, Unreadable, !faulty, Mark(faulty), ReadingOut, same)
    S_ROW(ReadingOut, AuthorReady, is(Offered), Live(AwaitCutover), ReadingOut, same)
    S_ROW(ReadingOut, AuthorFailed, mayRefuse && !completing, GiveUp; AbandonHeld; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(ReadingOut, AuthorFailed, mayRefuse && completing, skip, ReadingOut, same)
    S_ROW(ReadingOut, UnitsAdopted, accepts, Hold, ReadingOut, same)
    S_ROW(ReadingOut, UnitRejected, accepts, Drop, ReadingOut, same)
    S_ROW(ReadingOut, deadline_READ_OUT, true, ShutControl; Mark(shut), ReadingOut, NONE)
    S_ROW(ReadingOut, PeerEnded, !decided, Mark(peerEnded), ReadingOut, same)
    S_ROW(ReadingOut, PeerEnded, decided && !(is(Serving) && noUnits), AskLifeline; Settle, AwaitLifeline, NONE)
    S_ROW(ReadingOut, PeerEnded, decided && is(Serving) && noUnits, CloseControl; End, Ended_Serves, NONE)
    S_ROW(ReadingOut, WriteFailed, !peerEnded, WritesFail; Unmark(completing), ReadingOut, same)
    S_ROW(ReadingOut, WriteFailed, peerEnded, WritesFail; AskLifeline; Settle, AwaitLifeline, NONE)
    S_ROW(ReadingOut, AdoptedWritten, !peerEnded || completing || sendsMore, StartUnits, ReadingOut, same)
    S_ROW(ReadingOut, AdoptedWritten, peerEnded && !completing && !sendsMore && !(is(Serving) && noneLeft), StartUnits; AskLifeline; Settle, AwaitLifeline, NONE)
    S_ROW(ReadingOut, AdoptedWritten, peerEnded && !completing && !sendsMore && is(Serving) && noneLeft, StartUnits; CloseControl; End, Ended_Serves, NONE)
    S_ROW(ReadingOut, CompleteWritten, is(Completing) && completing && (!peerEnded || sends), ServerNow; Live(Serving); Unmark(completing), ReadingOut, same)
    S_ROW(ReadingOut, CompleteWritten, is(Completing) && completing && peerEnded && !sends && !noUnits, ServerNow; Live(Serving); AskLifeline; Settle, AwaitLifeline, NONE)
    S_ROW(ReadingOut, CompleteWritten, is(Completing_quiet) && completing && !peerEnded, AcceptFromHere; StartHeld; ServerNow; Live(Serving); Unmark(completing), ReadingOut, same)
    S_ROW(ReadingOut, CompleteWritten, is(Completing_quiet) && completing && peerEnded, AcceptFromHere; StartHeld; ServerNow; CloseControl; End, Ended_Serves, NONE)
    S_ROW(ReadingOut, CompleteWritten, is(Completing) && completing && peerEnded && noUnits, ServerNow; CloseControl; End, Ended_Serves, NONE)

    /* AwaitLifeline */
    S_ROW(AwaitLifeline, LifelineSaid_DEAD, is(ReceivingState_bare), CloseControl; End, Ended_ColdStart, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_DEAD, is(ReceivingState) || is(Offered), ServeAlone, Alone_unready, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_DEAD, is(AwaitCutover), ServeAlone; AcceptFromHere; ServerNow; CloseControl; End, Ended_ServesAlone, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_DEAD, (is(Receiving_quiet) || is(Joining) || is(Completing_quiet)) && adopting, ServeAlone; AcceptFromHere; ServerNow; StartHeld, Alone_ServesAlone, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_DEAD, (is(Receiving_quiet) || is(Joining) || is(Completing_quiet)) && !adopting, ServeAlone; AcceptFromHere; ServerNow; StartHeld; CloseControl; End, Ended_ServesAlone, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_DEAD, (is(Receiving) || is(Completing)) && adopting, ServeAlone; ServerNow; StartHeld, Alone_ServesAlone, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_DEAD, (is(Receiving) || is(Completing)) && !adopting, ServeAlone; ServerNow; StartHeld; CloseControl; End, Ended_ServesAlone, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_DEAD, is(Serving) && adopting, StartHeld, Alone_Serves, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_DEAD, is(Serving) && !adopting, StartHeld; CloseControl; End, Ended_Serves, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_TAKEN_BACK, !is(Serving), GiveUp; AbandonHeld; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_TAKEN_BACK, is(Serving), AbandonHeld; CloseControl; End, Ended_Serves, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_SILENT, !is(Serving), GiveUp; AbandonHeld; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(AwaitLifeline, LifelineSaid_SILENT, is(Serving), AbandonHeld; CloseControl; End, Ended_Serves, NONE)
    S_ROW(AwaitLifeline, UnitsAdopted, accepts, Hold, AwaitLifeline, NONE)
    S_ROW(AwaitLifeline, UnitRejected, accepts, Drop, AwaitLifeline, NONE)
    S_ROW(AwaitLifeline, AuthorReady, is(Offered), Live(AwaitCutover), AwaitLifeline, NONE)
    S_ROW(AwaitLifeline, AuthorFailed, mayRefuse, GiveUp; AbandonHeld; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(AwaitLifeline, WriteFailed, true, skip, AwaitLifeline, NONE)

    /* Alone */
    S_ROW(Alone_unready, WriteFailed, true, skip, Alone_unready, NONE)
    S_ROW(Alone_Serves, WriteFailed, true, skip, Alone_Serves, NONE)
    S_ROW(Alone_ServesAlone, WriteFailed, true, skip, Alone_ServesAlone, NONE)
    S_ROW(Alone_unready, AuthorReady, true, AcceptFromHere; ServerNow; CloseControl; End, Ended_ServesAlone, NONE)
    S_ROW(Alone_unready, AuthorFailed, true, GiveUp; CloseControl; End, Ended_GaveUp, NONE)
    S_ROW(Alone_Serves, UnitsAdopted, adoptsMore, StartUnits, Alone_Serves, NONE)
    S_ROW(Alone_Serves, UnitsAdopted, !adoptsMore, StartUnits; CloseControl; End, Ended_Serves, NONE)
    S_ROW(Alone_Serves, UnitRejected, adoptsMore, Drop, Alone_Serves, NONE)
    S_ROW(Alone_Serves, UnitRejected, !adoptsMore, Drop; CloseControl; End, Ended_Serves, NONE)
    S_ROW(Alone_ServesAlone, UnitsAdopted, adoptsMore, StartUnits, Alone_ServesAlone, NONE)
    S_ROW(Alone_ServesAlone, UnitsAdopted, !adoptsMore, StartUnits; CloseControl; End, Ended_ServesAlone, NONE)
    S_ROW(Alone_ServesAlone, UnitRejected, adoptsMore, Drop, Alone_ServesAlone, NONE)
    S_ROW(Alone_ServesAlone, UnitRejected, !adoptsMore, Drop; CloseControl; End, Ended_ServesAlone, NONE)

    /* Ended */
    S_ROW(Ended_GaveUp, UnitsAdopted, true, AbandonUnits, Ended_GaveUp, NONE)
    S_ROW(Ended_GaveUp, UnitRejected, true, Drop, Ended_GaveUp, NONE)
    S_ROW(Ended_Serves, UnitsAdopted, true, AbandonUnits, Ended_Serves, NONE)
    S_ROW(Ended_Serves, UnitRejected, true, Drop, Ended_Serves, NONE)
    :: else -> printf("successor: %e in phase %e\n", ev, s_phase); assert(false)
    fi
}
