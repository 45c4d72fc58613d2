/*
 * The hand-over protocol: two processes, the control socket between them, the life-line, and who owns each unit.
 *
 * README.md beside this file says what is modelled and what is claimed. ModelTableTest in fd-netty-core compares every row of
 * incumbent.pml and successor.pml with IncumbentMachine and SuccessorMachine.
 *
 *   -DSTOPPED: the incumbent's operator may stop it at any moment
 *   ./check proves the claims and tries the seeded bugs (-DBUG=n)
 */

#ifndef BUG
#define BUG 0 /* which bug is seeded; the places are marked with its number */
#endif
#ifndef ALL
#define ALL 3 /* the units, a set of bits: two of them; 1 for one */
#endif
#ifndef QUEUE
#define QUEUE 2 /* how many messages the kernel holds in one direction */
#endif
#ifdef TOGETHER
#define together true /* all units move together, or none does */
#else
#define together false
#endif
#define OUTBOX 7 /* more than either side ever has waiting; a full one is an error of the model */

/* messages and events with a message's name */
mtype = { HELLO, HELLO_unacceptable, WELCOME, REFUSED, LISTENERS, OFFER, READY, FAILED, CUTOVER, CONNECTIONS, ADOPTED, REJECTED,
          FINISHED, COMPLETE, ABORT };
/* what happens besides; deadlines by the name of what is waited for */
mtype = { Connected, StateSent, AcceptingStopped, ConnectionsStopped, FinalStateSent, CutoverWritten, UnitsCaptured, FirstPassDone, Drained,
          LocalFailure, Cancel, StopRequested, PeerEnded, QueueReadToEnd, Unreadable, AuthorReady, AuthorFailed, SectionRejected, UnitsAdopted,
          UnitRejected, AdoptedWritten, CompleteWritten, WriteFailed, LifelineSaid_TAKEN_BACK, LifelineSaid_DEAD,
          LifelineSaid_SILENT };
mtype = { deadline_HELLO, deadline_WELCOME, deadline_STATE, deadline_READY, deadline_STOP_ACCEPTING, deadline_STOP_CONNECTIONS,
          deadline_STANDSTILL, deadline_FINAL_STATE,
          deadline_CUTOVER, deadline_ADOPTION, deadline_FINISHED, deadline_COMPLETE, deadline_WRITE, deadline_READ_OUT };
/* phases; a parameter of a phase's record is a part of its name here */
mtype = { Idle, AwaitHello, SendingState, AwaitReady, StoppingAccept, StoppingConnections, SendingFinalState, CuttingOver, CuttingOver_completed, Moving,
          AwaitComplete, Draining_unfinished, Draining, Revoking_NEVER_STOPPED, Revoking_STOPPED, Revoking_CUT_OVER,
          Revoking_HANDED_OVER, Ended_Failed, Ended_Refused, Ended_HandedOver };
mtype = { AwaitWelcome, ReceivingState_bare, ReceivingState, Offered, AwaitCutover, Receiving, Receiving_quiet, Joining, Completing,
          Completing_quiet, Serving,
          ReadingOut, AwaitLifeline, Alone_unready, Alone_Serves, Alone_ServesAlone, Ended_GaveUp, Ended_ColdStart, Ended_Serves,
          Ended_ServesAlone };

/* ---- the kernel */

chan to_s = [QUEUE] of { mtype, byte }; /* what the incumbent wrote and the successor has not read */
chan to_i = [QUEUE] of { mtype, byte };
bool shut;          /* somebody shut the socket down, closed it or died: no write succeeds, what was written can be read */
bool i_torn, s_torn; /* what is left at the end of this one's queue is a part of a frame */
bool i_left, s_left; /* has closed its end: what was not read is gone */
bool lifeline_byte, lifeline_closed;

/* ---- the incumbent */

mtype i_phase = Idle;
mtype i_wait = 0; /* the deadline that is running */
chan i_out = [OUTBOX] of { mtype, byte }; /* sent, and not taken by the kernel */
byte i_fresh = ALL;   /* not asked yet whether they can move */
byte i_runs = ALL;    /* it reads and writes these */
byte i_frozen;        /* captured, and not reported */
byte i_stopped;       /* together: reported, and not sent */
bool i_two_frames;    /* these were reported one by one */
byte i_doubt;         /* sent, neither adopted nor rejected */
byte i_released, i_farewell;
bool i_accepts = true, i_retired, i_moving, i_cut_written, i_closing;
bool leaving;         /* its operator has stopped it */
byte i_lost;          /* it let go of these: whose they are is not its business any more */
bool i_let_go;
bool i_say_byte, i_do_shut; /* the steps of Revoke that are still to do */
bool i_mortal, i_dead, i_hung; /* decided at the start, so that one that is stuck and does not die is seen */

/* ---- the successor */

mtype s_phase = Idle;
mtype s_live;     /* in ReadingOut and AwaitLifeline: where it would be if the socket had not been lost */
mtype s_wait = 0;
bool completing, peerEnded, faulty; /* of ReadingOut; its flag shut is never asked */
chan s_out = [OUTBOX] of { mtype, byte };
byte s_adopting, s_sending, s_held, s_runs, s_rejected;
mtype s_written;  /* the kernel took this message of ours, which is to be reported */
byte s_written_ids;
bool s_accepts, s_server, s_do_shut, s_asks, s_author, s_refused, s_late, s_closing;
bool s_mortal, s_dead, s_hung;

/* ---- what was, for the claims */

byte delivered; /* units whose CONNECTIONS is in the successor's queue */
byte acked;     /* units whose ADOPTED is in the incumbent's queue */
byte resumed;   /* units that the incumbent took back */
byte started;   /* units that the successor started */
bool complete_taken; /* COMPLETE is in the incumbent's queue */
mtype word;     /* what the life-line said */

#define i_acts (!i_dead && !i_hung && !i_say_byte && !i_do_shut && !i_cut_written)
#define s_acts (!s_dead && !s_hung && !s_do_shut && s_written == 0)
#define i_ended (i_phase == Ended_Failed || i_phase == Ended_Refused || i_phase == Ended_HandedOver)
#define s_ended (s_phase == Ended_GaveUp || s_phase == Ended_Refused || s_phase == Ended_ColdStart || s_phase == Ended_Serves || s_phase == Ended_ServesAlone)
#define i_revoking (i_phase == Revoking_NEVER_STOPPED || i_phase == Revoking_STOPPED || i_phase == Revoking_CUT_OVER || i_phase == Revoking_HANDED_OVER)
#define i_in_between (!i_ended && !i_revoking)
#define i_draining (i_phase == Draining || i_phase == Draining_unfinished)
#define s_reads (!s_left && !s_ended && s_phase != AwaitLifeline && s_phase != Alone_unready && s_phase != Alone_Serves && s_phase != Alone_ServesAlone)

/* ---- actions of the tables, by their names in the code */

/* a row: in this phase, about this event, if this holds: do this, go there, and let this deadline run */
#define I_ROW(phase, event, guard, actions, next, wait) \
    :: i_phase == phase && ev == event && (guard) -> actions; i_phase = next; i_wait = I_##wait;
#define S_ROW(phase, event, guard, actions, next, wait) \
    :: s_phase == phase && ev == event && (guard) -> actions; s_phase = next; s_wait = S_##wait;
#define I_same i_wait
#define S_same s_wait
#define I_NONE 0
#define S_NONE 0
#define I_HELLO deadline_HELLO
#define I_STATE deadline_STATE
#define I_READY deadline_READY
#define I_STOP_ACCEPTING deadline_STOP_ACCEPTING
#define I_STOP_CONNECTIONS deadline_STOP_CONNECTIONS
#define I_STANDSTILL deadline_STANDSTILL
#define I_FINAL_STATE deadline_FINAL_STATE
#define I_CUTOVER deadline_CUTOVER
#define I_ADOPTION deadline_ADOPTION
#define I_COMPLETE deadline_COMPLETE
#define S_WELCOME deadline_WELCOME
#define S_STATE deadline_STATE
#define S_CUTOVER deadline_CUTOVER
#define S_FINISHED deadline_FINISHED
#define S_COMPLETE deadline_COMPLETE
#define S_WRITE deadline_WRITE
#define S_READ_OUT deadline_READ_OUT

/* conditions of the tables */
#define noDoubt (i_doubt == 0)
#define settlesAll ((i_doubt & ~ids) == 0)
#define sends (s_sending != 0)
#define sendsMore ((s_sending & ~ids) != 0)
#define adopting (s_adopting != 0)
#define adoptsMore ((s_adopting & ~ids) != 0)
#define noUnits (s_adopting == 0 && s_sending == 0 && s_held == 0)
#define noneLeft (((s_adopting | s_sending | s_held) & ~ids) == 0)
#define is(phase) (s_live == phase)
#define accepts (is(Receiving) || is(Receiving_quiet) || is(Joining) || is(Completing) || is(Completing_quiet) || is(Serving))
#define open (is(Receiving) || is(Receiving_quiet) || (!together && (is(Completing) || is(Serving))))
#define mayRefuse (beforeCutover || is(Receiving_quiet) || is(Joining) || is(Completing_quiet))
#define beforeCutover (is(ReceivingState_bare) || is(ReceivingState) || is(Offered) || is(AwaitCutover))
#define decided (!completing && !sends)

/* both */
#define Send(message) out ! message, ids
#define End skip

/* incumbent */
#define SendWelcome out ! WELCOME, 0
#define SendListenersAndState out ! LISTENERS, 0
#define StopAccepting i_accepts = false
#define SendFinalState i_moving = false
#define StopConnections i_moving = true
#define Stand i_two_frames = (i_stopped != 0); i_stopped = i_stopped | ids
#define MoveConnections i_moving = true
#define SendUnits i_doubt = i_doubt | ids; out ! CONNECTIONS, ids
#define SendStopped i_doubt = i_stopped; i_stopped = 0; \
    if \
    :: i_two_frames -> out ! CONNECTIONS, 1; out ! CONNECTIONS, 2 \
    :: !i_two_frames && i_doubt != 0 -> out ! CONNECTIONS, i_doubt \
    :: else \
    fi; \
    i_two_frames = false
#define ReleaseDoubt assert((i_doubt & ~acked) == 0); i_released = i_doubt; i_doubt = 0
#define ReleaseUnits assert((ids & ~acked) == 0); i_released = i_released | (ids & i_doubt); i_doubt = i_doubt & ~ids
#define Resume(set) assert(((set) & started) == 0); resumed = resumed | ((set) & delivered); i_runs = i_runs | (set)
#define ResumeUnits Resume(ids); i_doubt = i_doubt & ~ids
#define ResumeDoubt Resume(i_doubt | i_stopped); i_doubt = 0; i_stopped = 0; i_two_frames = false
#define RoleHandedOver i_retired = true
#define Revoke i_moving = false; i_say_byte = true
#define StopWaiting skip
/* the life-line goes before the control socket */
#define LetGo i_let_go = true; i_moving = false; lifeline_closed = true
#define ResumeStopped Resume(i_stopped); i_stopped = 0; i_two_frames = false
#if BUG == 14
#define LetDoubtGo Resume(i_doubt); i_doubt = 0
#else
#define LetDoubtGo i_lost = i_lost | i_doubt; i_doubt = 0
#endif
#if BUG == 9
#define ResumeAccepting skip
#else
#define ResumeAccepting assert(!s_server); i_accepts = true
#endif

/* successor; ids that a macro starts, it takes out of every set */
#define KeepLifeline skip
#define AdoptListeners skip
#define LoadState skip
#define ReleaseOffer s_author = true
#define AcceptFromHere s_accepts = true
#define Adopt s_adopting = s_adopting | ids
#define Start(set) assert(((set) & (resumed | i_runs)) == 0); started = started | (set); s_runs = s_runs | (set)
#if BUG == 2
#define SendAdopted Start(ids); s_adopting = s_adopting & ~ids; s_sending = s_sending | ids; out ! ADOPTED, ids
#else
#define SendAdopted s_adopting = s_adopting & ~ids; s_sending = s_sending | ids; out ! ADOPTED, ids
#endif
#define StartUnits Start(ids); s_adopting = s_adopting & ~ids; s_sending = s_sending & ~ids; s_held = s_held & ~ids
#define StartHeld Start(s_held); s_held = 0; s_live = 0
#define AbandonHeld assert((s_held & acked) == 0); s_held = 0
#define AbandonUnits assert((ids & acked) == 0); s_adopting = s_adopting & ~ids
#if BUG == 13
#define Hold Start(ids); s_adopting = s_adopting & ~ids; s_held = s_held | ids
#else
#define Hold s_adopting = s_adopting & ~ids; s_held = s_held | ids
#endif
#define Drop s_adopting = s_adopting & ~ids
#define ServeAlone s_author = s_author || is(ReceivingState); s_live = 0
#define GiveUp s_accepts = false
#define ServerNow assert(i_phase != Ended_Failed); s_server = true
#define ShutControl s_do_shut = true
#define AskLifeline s_asks = true

/* successor: the record ReadingOut */
#define Lose s_live = s_phase; completing = (s_phase == Completing || s_phase == Completing_quiet); peerEnded = false; faulty = false
#define Mark(flag) Mark_##flag
#define Mark_peerEnded peerEnded = true
#define Mark_faulty faulty = true
#define Mark_shut skip
#define Mark_leaving leaving = true
#define Unmark(flag) flag = false
#define Live(phase) s_live = phase
#define Wait(phase) s_live = phase
#define Settle completing = false; peerEnded = false; faulty = false
#define WritesFail s_held = s_held | s_sending; s_sending = 0

/* ---- the tables */

#define out i_out
#define CloseControl i_closing = true; i_moving = false

#include "incumbent.pml"

#undef out
#undef CloseControl
#define out s_out
#define CloseControl s_closing = true; s_asks = false; s_author = false; s_live = 0; Settle

#include "successor.pml"

/* ---- the socket */

/* No write succeeds from here on; a frame whose beginning was taken already is torn. */
inline shut_down() {
    if
    :: shut
    :: else ->
       shut = true;
       if
       :: nempty(i_out) && !s_left -> s_torn = true
       :: true
       fi;
       if
       :: nempty(s_out) && !i_left -> i_torn = true
       :: true
       fi
    fi
}

inline fate(mortal) {
#ifdef ALL_MORTAL
    mortal = true
#else
    if
    :: mortal = true
    :: true
    fi
#endif
}

inline discard(queue) {
    do
    :: nempty(queue) -> queue ? _, _
    :: empty(queue) -> break
    od
}

/* ---- the processes: a driver each, and what the kernel does about its death */

active proctype Incumbent() {
    mtype ev;
    byte ids;
    fate(i_mortal);
    do
    :: atomic {
         if /* one event */
         :: i_acts && i_phase == Idle -> ev = Connected
         :: i_acts && !i_ended && i_phase != Idle && nempty(to_i) ->
            to_i ? ev, ids;
            if
            :: ev == HELLO -> ev = HELLO_unacceptable
            :: true
            fi
         :: i_acts && i_in_between && i_phase != Idle && shut && empty(to_i) && i_torn -> i_torn = false; ev = LocalFailure
         :: i_acts && i_in_between && i_phase != Idle && shut && empty(to_i) && !i_torn -> ev = PeerEnded
#if BUG == 4
         :: i_acts && i_revoking && shut -> ev = QueueReadToEnd
#elif BUG == 1
         :: i_acts && i_revoking && empty(to_i) -> ev = QueueReadToEnd
#else
         :: i_acts && i_revoking && shut && empty(to_i) -> ev = QueueReadToEnd
#endif
         :: i_acts && i_phase == SendingState -> ev = StateSent
         :: i_acts && i_phase == StoppingAccept -> ev = AcceptingStopped
         :: i_acts && i_phase == StoppingConnections && i_frozen == 0 -> ev = ConnectionsStopped
         :: i_acts && i_phase == SendingFinalState -> ev = FinalStateSent
         :: !i_dead && !i_hung && !i_say_byte && !i_do_shut && i_cut_written -> i_cut_written = false;
            if
            :: i_in_between -> ev = CutoverWritten
            :: else
            fi
#if BUG == 12
         :: i_acts && i_frozen != 0 && i_in_between -> ev = UnitsCaptured; ids = i_frozen; i_frozen = 0
         :: i_acts && i_frozen != 0 && !i_in_between -> i_frozen = 0
#else
         :: i_acts && i_frozen != 0 -> ev = UnitsCaptured; ids = i_frozen; i_frozen = 0
#endif
         :: i_acts && i_moving && noDoubt && i_frozen == 0 && (i_phase == Moving || i_phase == Draining_unfinished) -> ev = FirstPassDone
         :: i_acts && i_draining && noDoubt && i_frozen == 0 && i_runs == 0 -> ev = Drained
         :: i_acts && i_in_between -> ev = LocalFailure
         :: i_acts && i_in_between -> ev = Cancel
#ifdef STOPPED
         :: i_acts && i_in_between && !leaving -> ev = StopRequested
#endif
         :: i_acts && i_wait != 0 -> ev = i_wait
         fi;
         if
         :: ev == 0
#if BUG == 7
         :: ev == COMPLETE && i_phase == Revoking_CUT_OVER
#endif
         :: else -> d_step { incumbent_decides() }
         fi;
         ev = 0;
         ids = 0
       }

    /* Revoke: the byte, then the shutdown */
    :: atomic { !i_dead && !i_hung && i_say_byte ->
         i_say_byte = false;
         i_do_shut = true;
#if BUG != 3
         lifeline_byte = true
#endif
       }
    :: atomic { !i_dead && !i_hung && i_do_shut ->
         i_do_shut = false;
#if BUG != 1
         shut_down();
         discard(i_out)
#endif
       }

    /* a batch is captured; whoever is not asked now can move later */
    :: atomic { i_acts && i_moving && i_frozen == 0 && (i_fresh & 1) -> i_frozen = 1; i_fresh = i_fresh & ~1; i_runs = i_runs & ~1 }
    :: atomic { i_acts && i_moving && i_frozen == 0 && (i_fresh & 2) -> i_frozen = 2; i_fresh = i_fresh & ~2; i_runs = i_runs & ~2 }
    :: atomic { i_acts && i_moving && i_frozen == 0 && i_fresh == 3 -> i_frozen = 3; i_fresh = 0; i_runs = 0 }
    /* the drain deadline */
    :: atomic { i_acts && i_draining && i_runs != 0 -> i_farewell = i_farewell | i_runs; i_runs = 0; i_fresh = 0 }

    /* the kernel takes a message whole, or nothing */
    :: atomic { !i_dead && !i_hung && !i_cut_written && !shut && nempty(i_out) && nfull(to_s) ->
         i_out ? ev, ids;
         to_s ! ev, ids;
         if
         :: ev == CONNECTIONS -> delivered = delivered | ids
         :: ev == CUTOVER -> i_cut_written = true
         :: else
         fi;
         ev = 0;
         ids = 0
       }
    :: atomic { !i_dead && !i_hung && shut && nempty(i_out) -> discard(i_out) }
    /* closes when all is written, or when that takes too long; the life-line goes last */
    :: atomic { !i_dead && !i_hung && i_closing && !i_left -> shut_down(); i_left = true; i_torn = false; discard(i_out); discard(to_i) }
    :: atomic { !i_dead && !i_hung && i_left && !lifeline_closed -> lifeline_closed = true }

    /* death; the kernel closes the socket and the pipe, in any order and not at once */
    :: atomic { i_mortal -> i_mortal = false; i_dead = true }
    :: atomic { i_dead && !i_left -> shut_down(); i_left = true; i_torn = false; discard(i_out); discard(to_i) }
    :: atomic { i_dead && !lifeline_closed -> lifeline_closed = true }
    :: i_dead && i_left && lifeline_closed -> break
    /* it is stopped and never goes on; a stop that ends is nothing but the other one's steps and deadlines coming first */
    :: atomic { i_mortal -> i_mortal = false; i_hung = true; break }
    :: atomic { i_acts && i_ended && i_left && lifeline_closed && i_frozen == 0 -> i_mortal = false; break }
    od
}

active proctype Successor() {
    mtype ev;
    byte ids;
    fate(s_mortal);
end:do
    :: atomic {
         if
         :: s_acts && s_phase == Idle -> ev = Connected
         :: s_acts && s_reads && s_phase != Idle && nempty(to_s) -> to_s ? ev, ids
         :: s_acts && s_reads && s_phase != Idle && shut && empty(to_s) && s_torn -> s_torn = false; ev = Unreadable
         :: s_acts && s_reads && s_phase != Idle && shut && empty(to_s) && !s_torn && !peerEnded -> ev = PeerEnded
         :: !s_dead && !s_hung && !s_do_shut && s_written == ADOPTED -> ev = AdoptedWritten; ids = s_written_ids; s_written = 0; s_written_ids = 0
         :: !s_dead && !s_hung && !s_do_shut && s_written == COMPLETE -> ev = CompleteWritten; s_written = 0
         :: s_acts && !s_ended && !s_closing && nempty(s_out) -> /* the socket is lost, or a write fails for a reason of its own */
            if
            :: !shut && !i_left -> i_torn = true
            :: true
            fi;
            discard(s_out);
            ev = WriteFailed
         :: s_acts && (s_adopting & 1) -> ids = 1; ev = UnitsAdopted
         :: s_acts && (s_adopting & 2) -> ids = 2; ev = UnitsAdopted
         :: s_acts && s_adopting == 3 -> ids = 3; ev = UnitsAdopted
         :: s_acts && (s_adopting & 1) -> ids = 1; s_rejected = s_rejected | 1; s_refused = s_refused || together; ev = UnitRejected
         :: s_acts && (s_adopting & 2) -> ids = 2; s_rejected = s_rejected | 2; s_refused = s_refused || together; ev = UnitRejected
         :: s_acts && s_author && !s_ended -> s_author = false; ev = AuthorReady
         :: s_acts && !s_accepts && !s_ended && s_phase != Idle && s_phase != AwaitWelcome && s_phase != Completing_quiet && !completing ->
            s_refused = true; s_author = false; ev = AuthorFailed
         :: s_acts && !s_accepts && (s_phase == Completing_quiet || completing) && !s_late -> s_late = true; ev = AuthorFailed /* once is enough */
         :: s_acts && (s_phase == ReceivingState_bare || s_phase == ReceivingState || s_phase == Offered || s_phase == AwaitCutover || s_phase == Receiving_quiet || s_phase == Joining) ->
            s_refused = true; s_author = false; ev = SectionRejected
         :: s_acts && s_phase == Receiving -> ev = SectionRejected
#if BUG == 8
         :: s_acts && s_wait != 0 && s_wait != deadline_READ_OUT -> ev = s_wait
#else
         :: s_acts && s_wait != 0 -> ev = s_wait
#endif
         :: s_acts && s_asks && lifeline_byte -> s_asks = false;
#if BUG == 5
            ev = LifelineSaid_DEAD;
#else
            ev = LifelineSaid_TAKEN_BACK;
#endif
            word = ev
         :: s_acts && s_asks && !lifeline_byte && lifeline_closed -> s_asks = false;
#if BUG == 10
            ev = LifelineSaid_TAKEN_BACK;
#else
            ev = LifelineSaid_DEAD;
#endif
            word = ev
         :: s_acts && s_asks && !lifeline_byte && !lifeline_closed && !i_dead -> s_asks = false; ev = LifelineSaid_SILENT; word = ev
         fi;
#if BUG == 6
         if
         :: ev == ABORT -> Start(s_held | s_sending | s_adopting)
         :: else
         fi;
#endif
         d_step { successor_decides() };
#if BUG == 11
         if
         :: s_phase == Completing && !s_server -> ServerNow
         :: else
         fi;
#endif
         ev = 0;
         ids = 0
       }

    :: atomic { !s_dead && !s_hung && s_do_shut -> s_do_shut = false; shut_down() }

    :: atomic { !s_dead && !s_hung && s_written == 0 && !shut && nempty(s_out) && nfull(to_i) ->
         s_out ? ev, ids;
         to_i ! ev, ids;
         if
         :: ev == ADOPTED -> acked = acked | ids; s_written = ADOPTED; s_written_ids = ids
         :: ev == COMPLETE -> complete_taken = true; s_written = COMPLETE;
            if
            :: together -> acked = delivered
            :: else
            fi
         :: else
         fi;
         ev = 0;
         ids = 0
       }
    :: atomic { s_acts && s_closing && !s_left -> shut_down(); s_left = true; s_torn = false; discard(s_out); discard(to_s) }

    :: atomic { s_mortal -> s_mortal = false; s_dead = true }
    :: atomic { s_dead && !s_left -> shut_down(); s_left = true; s_torn = false; discard(s_out); discard(to_s) }
    :: s_dead && s_left -> break
    :: atomic { s_mortal -> s_mortal = false; s_hung = true; break }
    :: atomic { s_acts && s_ended && s_left && s_adopting == 0 -> s_mortal = false; break }
    od
}

/* ---- the claims about the end; those about each step are asserted in the actions */

#define i_well (!i_dead && !i_hung)
#define s_well (!s_dead && !s_hung)
#define i_ready (i_ended && i_accepts && !i_retired) /* answers the next HELLO */
#define s_ready s_server
#define owned(u) (((ALL & u) == 0) + ((i_runs & u) != 0) + ((i_lost & u) != 0) + ((i_farewell & u) != 0) + ((i_released & u) != 0 && (!s_well || (s_runs & u))))
#define alone(u) ((s_runs & u) || (s_rejected & u))

active proctype Judge() {
    timeout -> atomic {
        /* it ends; only a successor that is the server already may wait, for a predecessor that is stopped */
        assert(!i_well || (i_ended && noDoubt && i_frozen == 0));
        assert(!s_well || s_ended || (i_hung && s_phase == Serving));
        assert(!s_well || noUnits);

        /* each unit whose owner lives has exactly one */
        assert(!i_well || (owned(1) == 1 && owned(2) == 1));
        assert(!i_well || i_farewell == 0 || i_phase == Ended_HandedOver);
        assert(!s_well || (acked & ~s_runs) == 0);
        /* together: all that were captured move, or none */
        assert(!together || !i_well || i_released == 0 || i_released == delivered);
        assert(!together || !i_well || !s_well || i_let_go || s_runs == i_released);
        /* what came whole before the incumbent died or let go without a word, lives on */
        assert(!((i_dead || i_let_go) && s_well && !lifeline_byte && word != LifelineSaid_SILENT && !s_refused) || (delivered & ~(s_runs | s_rejected)) == 0);

        /* one of them accepts, and is ready for the next upgrade */
        assert(!s_well || s_accepts == s_server);
        assert(!(i_well && s_well) || i_let_go || i_ready != s_ready);
        assert(!i_well || i_ready || complete_taken || i_let_go);
        assert(!i_let_go || i_retired);
        assert(!i_well || i_ready || i_phase == Ended_HandedOver);
        assert(!(i_hung && s_well) || i_let_go || s_ready == complete_taken);
        assert(!((i_dead || i_let_go) && s_well) || s_ready || s_refused || s_phase == Ended_ColdStart || s_phase == Ended_Refused
            || word == LifelineSaid_TAKEN_BACK || word == LifelineSaid_SILENT || word == 0)
    }
}
