/*
 * The table of the incumbent, compared with IncumbentMachine by ModelTableTest.
 *
 * I_ROW leaves out: WELCOME REFUSED LISTENERS STATE_BEGIN STATE_CHUNK STATE_END OFFER CUTOVER CONNECTIONS FINISHED
 */

inline incumbent_decides() {
    if

    /* Idle */
    I_ROW(Idle, Connected, true, skip, AwaitHello, HELLO)
    I_ROW(Idle, LocalFailure, true, CloseControl; End, Ended_Failed, NONE)
    I_ROW(Idle, Cancel, true, CloseControl; End, Ended_Failed, NONE)

    /* AwaitHello */
    I_ROW(AwaitHello, HELLO, true, SendWelcome; SendListenersAndState, SendingState, STATE)
    I_ROW(AwaitHello, HELLO_unacceptable, true, Send(REFUSED); CloseControl; End, Ended_Refused, NONE)
    I_ROW(AwaitHello, FAILED, true, CloseControl; End, Ended_Failed, NONE)
    I_ROW(AwaitHello, ABORT, true, CloseControl; End, Ended_Failed, NONE)
    I_ROW(AwaitHello, PeerEnded, true, CloseControl; End, Ended_Failed, NONE)
    I_ROW(AwaitHello, LocalFailure, true, Send(ABORT); CloseControl; End, Ended_Failed, NONE)
    I_ROW(AwaitHello, Cancel, true, Send(ABORT); CloseControl; End, Ended_Failed, NONE)
    I_ROW(AwaitHello, deadline_HELLO, true, Send(ABORT); CloseControl; End, Ended_Failed, NONE)

    /* SendingState */
    I_ROW(SendingState, StateSent, true, Send(OFFER), AwaitReady, READY)
    I_ROW(SendingState, FAILED, true, Revoke, Revoking_NEVER_STOPPED, NONE)
    I_ROW(SendingState, ABORT, true, Revoke, Revoking_NEVER_STOPPED, NONE)
    I_ROW(SendingState, LocalFailure, true, Send(ABORT); Revoke, Revoking_NEVER_STOPPED, NONE)
    I_ROW(SendingState, Cancel, true, Send(ABORT); Revoke, Revoking_NEVER_STOPPED, NONE)
    I_ROW(SendingState, deadline_STATE, true, Send(ABORT); Revoke, Revoking_NEVER_STOPPED, NONE)
    I_ROW(SendingState, PeerEnded, true, Revoke, Revoking_NEVER_STOPPED, NONE)

    /* AwaitReady */
    I_ROW(AwaitReady, READY, true, StopAccepting, StoppingAccept, STOP_ACCEPTING)
    I_ROW(AwaitReady, FAILED, true, Revoke, Revoking_NEVER_STOPPED, NONE)
    I_ROW(AwaitReady, ABORT, true, Revoke, Revoking_NEVER_STOPPED, NONE)
    I_ROW(AwaitReady, LocalFailure, true, Send(ABORT); Revoke, Revoking_NEVER_STOPPED, NONE)
    I_ROW(AwaitReady, Cancel, true, Send(ABORT); Revoke, Revoking_NEVER_STOPPED, NONE)
    I_ROW(AwaitReady, deadline_READY, true, Send(ABORT); Revoke, Revoking_NEVER_STOPPED, NONE)
    I_ROW(AwaitReady, PeerEnded, true, Revoke, Revoking_NEVER_STOPPED, NONE)

    /* StoppingAccept */
    I_ROW(StoppingAccept, AcceptingStopped, !together, SendFinalState, SendingFinalState, FINAL_STATE)
    I_ROW(StoppingAccept, AcceptingStopped, together, StopConnections, StoppingConnections, STOP_CONNECTIONS)
    I_ROW(StoppingAccept, FAILED, true, Revoke, Revoking_STOPPED, NONE)
    I_ROW(StoppingAccept, ABORT, true, Revoke, Revoking_STOPPED, NONE)
    I_ROW(StoppingAccept, LocalFailure, true, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(StoppingAccept, Cancel, true, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(StoppingAccept, deadline_STOP_ACCEPTING, true, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(StoppingAccept, PeerEnded, true, Revoke, Revoking_STOPPED, NONE)

    /* StoppingConnections */
    I_ROW(StoppingConnections, UnitsCaptured, true, Stand, StoppingConnections, same)
    I_ROW(StoppingConnections, ConnectionsStopped, true, SendFinalState, SendingFinalState, STANDSTILL)
    I_ROW(StoppingConnections, FAILED, true, Revoke, Revoking_STOPPED, NONE)
    I_ROW(StoppingConnections, ABORT, true, Revoke, Revoking_STOPPED, NONE)
    I_ROW(StoppingConnections, LocalFailure, true, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(StoppingConnections, Cancel, true, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(StoppingConnections, deadline_STOP_CONNECTIONS, true, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(StoppingConnections, PeerEnded, true, Revoke, Revoking_STOPPED, NONE)

    /* SendingFinalState */
    I_ROW(SendingFinalState, FinalStateSent, !together, Send(CUTOVER), CuttingOver, CUTOVER)
    I_ROW(SendingFinalState, FinalStateSent, together, Send(CUTOVER), CuttingOver, STANDSTILL)
    I_ROW(SendingFinalState, FAILED, true, Revoke, Revoking_STOPPED, NONE)
    I_ROW(SendingFinalState, ABORT, true, Revoke, Revoking_STOPPED, NONE)
    I_ROW(SendingFinalState, LocalFailure, true, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(SendingFinalState, Cancel, true, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(SendingFinalState, deadline_FINAL_STATE, true, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(SendingFinalState, deadline_STANDSTILL, true, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(SendingFinalState, PeerEnded, true, Revoke, Revoking_STOPPED, NONE)

    /* CuttingOver */
    I_ROW(CuttingOver, COMPLETE, !together, RoleHandedOver, CuttingOver_completed, same)
    I_ROW(CuttingOver, CutoverWritten, !together, MoveConnections, Moving, NONE)
    I_ROW(CuttingOver, CutoverWritten, together, SendStopped; Send(FINISHED), AwaitComplete, STANDSTILL)
    I_ROW(CuttingOver, FAILED, !together, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(CuttingOver, ABORT, !together, Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(CuttingOver, LocalFailure, !together, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(CuttingOver, Cancel, !together, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(CuttingOver, deadline_CUTOVER, !together, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(CuttingOver, PeerEnded, !together, Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(CuttingOver, FAILED, together, Revoke, Revoking_STOPPED, NONE)
    I_ROW(CuttingOver, ABORT, together, Revoke, Revoking_STOPPED, NONE)
    I_ROW(CuttingOver, LocalFailure, together, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(CuttingOver, Cancel, together, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(CuttingOver, deadline_STANDSTILL, together, Send(ABORT); Revoke, Revoking_STOPPED, NONE)
    I_ROW(CuttingOver, PeerEnded, together, Revoke, Revoking_STOPPED, NONE)

    /* CuttingOver_completed */
    I_ROW(CuttingOver_completed, CutoverWritten, true, MoveConnections, Draining_unfinished, NONE)
    I_ROW(CuttingOver_completed, FAILED, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(CuttingOver_completed, ABORT, true, Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(CuttingOver_completed, LocalFailure, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(CuttingOver_completed, Cancel, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(CuttingOver_completed, deadline_CUTOVER, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(CuttingOver_completed, PeerEnded, true, Revoke, Revoking_HANDED_OVER, NONE)

    /* Moving */
    I_ROW(Moving, UnitsCaptured, !together, SendUnits, Moving, ADOPTION)
    I_ROW(Moving, ADOPTED, !settlesAll, ReleaseUnits, Moving, ADOPTION)
    I_ROW(Moving, ADOPTED, settlesAll, ReleaseUnits, Moving, NONE)
    I_ROW(Moving, REJECTED, !settlesAll, ResumeUnits, Moving, ADOPTION)
    I_ROW(Moving, REJECTED, settlesAll, ResumeUnits, Moving, NONE)
    I_ROW(Moving, FirstPassDone, noDoubt, Send(FINISHED), AwaitComplete, COMPLETE)
    I_ROW(Moving, COMPLETE, true, RoleHandedOver, Draining_unfinished, same)
    I_ROW(Moving, FAILED, true, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(Moving, ABORT, true, Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(Moving, LocalFailure, true, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(Moving, Cancel, true, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(Moving, deadline_ADOPTION, true, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(Moving, PeerEnded, true, Revoke, Revoking_CUT_OVER, NONE)

    /* AwaitComplete */
    I_ROW(AwaitComplete, UnitsCaptured, !together, SendUnits, AwaitComplete, same)
    I_ROW(AwaitComplete, ADOPTED, !together, ReleaseUnits, AwaitComplete, same)
    I_ROW(AwaitComplete, REJECTED, !together, ResumeUnits, AwaitComplete, same)
    I_ROW(AwaitComplete, COMPLETE, !together && noDoubt, RoleHandedOver, Draining, NONE)
    I_ROW(AwaitComplete, COMPLETE, !together && !noDoubt, RoleHandedOver, Draining, ADOPTION)
    I_ROW(AwaitComplete, COMPLETE, together, ReleaseDoubt; RoleHandedOver, Draining, NONE)
    I_ROW(AwaitComplete, FAILED, !together, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(AwaitComplete, FAILED, together, Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(AwaitComplete, ABORT, true, Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(AwaitComplete, LocalFailure, true, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(AwaitComplete, Cancel, true, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(AwaitComplete, deadline_COMPLETE, true, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(AwaitComplete, deadline_STANDSTILL, true, Send(ABORT); Revoke, Revoking_CUT_OVER, NONE)
    I_ROW(AwaitComplete, PeerEnded, true, Revoke, Revoking_CUT_OVER, NONE)

    /* Draining_unfinished */
    I_ROW(Draining_unfinished, UnitsCaptured, !together, SendUnits, Draining_unfinished, ADOPTION)
    I_ROW(Draining_unfinished, ADOPTED, !settlesAll, ReleaseUnits, Draining_unfinished, ADOPTION)
    I_ROW(Draining_unfinished, ADOPTED, settlesAll, ReleaseUnits, Draining_unfinished, NONE)
    I_ROW(Draining_unfinished, REJECTED, !settlesAll, ResumeUnits, Draining_unfinished, ADOPTION)
    I_ROW(Draining_unfinished, REJECTED, settlesAll, ResumeUnits, Draining_unfinished, NONE)
    I_ROW(Draining_unfinished, FirstPassDone, noDoubt, Send(FINISHED), Draining, same)
    I_ROW(Draining_unfinished, Drained, noDoubt, CloseControl; End, Ended_HandedOver, NONE)
    I_ROW(Draining_unfinished, FAILED, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(Draining_unfinished, ABORT, true, Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(Draining_unfinished, LocalFailure, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(Draining_unfinished, Cancel, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(Draining_unfinished, deadline_ADOPTION, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(Draining_unfinished, PeerEnded, true, Revoke, Revoking_HANDED_OVER, NONE)

    /* Draining */
    I_ROW(Draining, UnitsCaptured, !together, SendUnits, Draining, ADOPTION)
    I_ROW(Draining, ADOPTED, !settlesAll, ReleaseUnits, Draining, ADOPTION)
    I_ROW(Draining, ADOPTED, settlesAll, ReleaseUnits, Draining, NONE)
    I_ROW(Draining, REJECTED, !settlesAll, ResumeUnits, Draining, ADOPTION)
    I_ROW(Draining, REJECTED, settlesAll, ResumeUnits, Draining, NONE)
    I_ROW(Draining, Drained, noDoubt, CloseControl; End, Ended_HandedOver, NONE)
    I_ROW(Draining, FAILED, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(Draining, ABORT, true, Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(Draining, LocalFailure, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(Draining, Cancel, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(Draining, deadline_ADOPTION, true, Send(ABORT); Revoke, Revoking_HANDED_OVER, NONE)
    I_ROW(Draining, PeerEnded, true, Revoke, Revoking_HANDED_OVER, NONE)

    /* Revoking_NEVER_STOPPED */
    I_ROW(Revoking_NEVER_STOPPED, READY, true, skip, Revoking_NEVER_STOPPED, NONE)
    I_ROW(Revoking_NEVER_STOPPED, FAILED, true, skip, Revoking_NEVER_STOPPED, NONE)
    I_ROW(Revoking_NEVER_STOPPED, ABORT, true, skip, Revoking_NEVER_STOPPED, NONE)
    I_ROW(Revoking_NEVER_STOPPED, UnitsCaptured, true, ResumeUnits, Revoking_NEVER_STOPPED, NONE)
    I_ROW(Revoking_NEVER_STOPPED, QueueReadToEnd, true, CloseControl; End, Ended_Failed, NONE)

    /* Revoking_STOPPED */
    I_ROW(Revoking_STOPPED, READY, true, skip, Revoking_STOPPED, NONE)
    I_ROW(Revoking_STOPPED, FAILED, true, skip, Revoking_STOPPED, NONE)
    I_ROW(Revoking_STOPPED, ABORT, true, skip, Revoking_STOPPED, NONE)
    I_ROW(Revoking_STOPPED, UnitsCaptured, true, ResumeUnits, Revoking_STOPPED, NONE)
    I_ROW(Revoking_STOPPED, QueueReadToEnd, true, ResumeDoubt; ResumeAccepting; CloseControl; End, Ended_Failed, NONE)

    /* Revoking_CUT_OVER */
    I_ROW(Revoking_CUT_OVER, READY, true, skip, Revoking_CUT_OVER, NONE)
    I_ROW(Revoking_CUT_OVER, FAILED, true, skip, Revoking_CUT_OVER, NONE)
    I_ROW(Revoking_CUT_OVER, ABORT, true, skip, Revoking_CUT_OVER, NONE)
    I_ROW(Revoking_CUT_OVER, UnitsCaptured, true, ResumeUnits, Revoking_CUT_OVER, NONE)
    I_ROW(Revoking_CUT_OVER, ADOPTED, !together, ReleaseUnits, Revoking_CUT_OVER, NONE)
    I_ROW(Revoking_CUT_OVER, REJECTED, true, skip, Revoking_CUT_OVER, NONE)
    I_ROW(Revoking_CUT_OVER, COMPLETE, !together, RoleHandedOver, Revoking_HANDED_OVER, NONE)
    I_ROW(Revoking_CUT_OVER, COMPLETE, together, ReleaseDoubt; RoleHandedOver, Revoking_HANDED_OVER, NONE)
    I_ROW(Revoking_CUT_OVER, QueueReadToEnd, true, ResumeDoubt; ResumeAccepting; CloseControl; End, Ended_Failed, NONE)

    /* Revoking_HANDED_OVER */
    I_ROW(Revoking_HANDED_OVER, READY, true, skip, Revoking_HANDED_OVER, NONE)
    I_ROW(Revoking_HANDED_OVER, FAILED, true, skip, Revoking_HANDED_OVER, NONE)
    I_ROW(Revoking_HANDED_OVER, ABORT, true, skip, Revoking_HANDED_OVER, NONE)
    I_ROW(Revoking_HANDED_OVER, UnitsCaptured, true, ResumeUnits, Revoking_HANDED_OVER, NONE)
    I_ROW(Revoking_HANDED_OVER, ADOPTED, !together, ReleaseUnits, Revoking_HANDED_OVER, NONE)
    I_ROW(Revoking_HANDED_OVER, REJECTED, true, skip, Revoking_HANDED_OVER, NONE)
    I_ROW(Revoking_HANDED_OVER, QueueReadToEnd, true, ResumeDoubt; CloseControl; End, Ended_HandedOver, NONE)

    /* Ended */
    I_ROW(Ended_Failed, UnitsCaptured, true, ResumeUnits, Ended_Failed, NONE)
    I_ROW(Ended_Refused, UnitsCaptured, true, ResumeUnits, Ended_Refused, NONE)
    I_ROW(Ended_HandedOver, UnitsCaptured, true, ResumeUnits, Ended_HandedOver, NONE)
    :: else -> printf("incumbent: %e in phase %e\n", ev, i_phase); assert(false)
    fi
}
