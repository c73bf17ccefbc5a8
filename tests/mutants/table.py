"""The likeliest mistakes in orders, one text for another each, and the test that finds it."""

from dataclasses import dataclass

FAULTS = "tests/orders_faults/"


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    file: str
    old: str
    """Stands in the file exactly once."""
    new: str
    test: str


MUTANTS = [
    Mutant(
        "stock is taken without a look at what is left",
        "services/orders/placing.py",
        "        & (Product.stock >= line.quantity)\n",
        "",
        FAULTS + "test_placing.py::test_A12_more_buyers_than_pieces",
    ),
    Mutant(
        "the price may change between read and commit",
        "services/orders/placing.py",
        "        & (Product.price_minor == line.product.price_minor)\n",
        "",
        FAULTS + "test_placing.py::test_A19_price_changes_between_read_and_commit",
    ),
    Mutant(
        "an idempotency key counts while its row is there, not until its time",
        "models/idempotency.py",
        "return cls.key.does_not_exist() | (cls.expires_at <= now)",
        "return cls.key.does_not_exist()",
        FAULTS + "test_placing.py::test_A16_a_key_is_good_for_35_days_by_the_clock",
    ),
    Mutant(
        "a key may come with another payload",
        "services/orders/placing.py",
        "if used.request_hash != request_hash:",
        "if not used.request_hash:",
        FAULTS + "test_placing.py::test_A14_same_key_other_payload",
    ),
    Mutant(
        "a replay is refused when its lines fail by now",
        "services/orders/placing.py",
        """        if used := failed.of(idempotency):
            raise _UsedBefore(used.stored) from failed
        refuse_all(
            why_not(line, failure.stored)
            for line, write in zip(lines, stock, strict=True)
            if (failure := failed.of(write))
        )
""",
        """        refuse_all(
            why_not(line, failure.stored)
            for line, write in zip(lines, stock, strict=True)
            if (failure := failed.of(write))
        )
        if used := failed.of(idempotency):
            raise _UsedBefore(used.stored) from failed
""",
        FAULTS + "test_placing.py::test_A04_applied_every_response_lost",
    ),
    Mutant(
        "a queue that is down fails the mutation",
        "services/orders/messages.py",
        "    except (BotoCoreError, ClientError):\n        not_sent",
        "    except ZeroDivisionError:\n        not_sent",
        FAULTS + "test_placing.py::test_A07_queue_down",
    ),
    Mutant(
        "the charge comes before the intent is durable",
        "services/orders/working.py",
        '        case "PENDING":\n            return _start_charging',
        """        case "PENDING":
            paying.gateway().charge(
                order_id=order.order_id,
                key=order.payment_key,
                amount=paying._amount(order),
                token=order.payment_token or "",
            )
            return _start_charging""",
        FAULTS + "test_worker_crashes.py::test_B02_crash_after_the_read_before_T2",
    ),
    Mutant(
        "a new key for every try",
        "services/orders/paying.py",
        "gateway().charge(**asked, amount",
        'gateway().charge(**asked | {"key": f"{order.payment_key}:{order.attempts}"}, amount',
        FAULTS + "test_charging.py::test_B06_charged_and_answer_lost_the_same_key_returns_it",
    ),
    Mutant(
        "a timeout is taken for a decline",
        "services/orders/paying.py",
        '    if outcome.status == "declined":\n        return cancel_unpaid',
        '    if outcome.status in {"declined", "unknown"}:\n        return cancel_unpaid',
        FAULTS + "test_charging.py::test_B07a_500_saved_and_charged",
    ),
    Mutant(
        "not found is taken for a decline",
        "services/orders/paying.py",
        '    if outcome.status == "declined":\n        return cancel_unpaid',
        '    if outcome.status in {"declined", "not_found"}:\n        return cancel_unpaid',
        FAULTS + "test_charging.py::test_B05_request_to_charge_lost",
    ),
    Mutant(
        "the gateway is called when the key may be forgotten",
        "services/orders/paying.py",
        "    if now < order.charging_since + CALL_WINDOW:\n",
        "    if order.charging_since:\n",
        FAULTS + "test_key_window.py::test_B23_key_window_passed_while_unknown",
    ),
    Mutant(
        "a delivery before its time calls the gateway",
        "services/orders/working.py",
        'case "CHARGING" if _is_due(order, now):',
        'case "CHARGING":',
        FAULTS + "test_charging.py::test_B10_busy_is_left_alone_for_as_long_as_it_asks",
    ),
    Mutant(
        "a gateway that is busy is not left alone for as long as it asks",
        "services/orders/windows.py",
        "max(longest * random.uniform(0.5, 1), asked_for or timedelta())",
        "max(longest * random.uniform(0.5, 1), timedelta())",
        FAULTS + "test_charging.py::test_B10_busy_is_left_alone_for_as_long_as_it_asks",
    ),
    Mutant(
        "an order is charged past its deadline",
        "services/orders/working.py",
        "return _start_charging(order, now) if now < order.pay_deadline else expire(order, now)",
        "return _start_charging(order, now)",
        FAULTS + "test_sweeper.py::test_D05_its_message_comes_after_the_deadline",
    ),
    Mutant(
        "a crash is caught",
        "services/orders/working.py",
        "            _work_off(order)\n        except ConditionFailed:\n",
        "            _work_off(order)\n        except BaseException:\n",
        FAULTS + "test_worker_crashes.py::test_B12_crash_between_charge_and_T4",
    ),
    Mutant(
        "no guard on the version, in the order or in its history",
        "services/orders/moves.py",
        """                (Order.status == order.status) & (Order.version == order.version),
            ),
            put(
                OrderEvent.of(moved, note, is_arrival=to != order.status),
                OrderEvent.order_id.does_not_exist(),
            ),
""",
        """                Order.status == order.status,
            ),
            put(OrderEvent.of(moved, note, is_arrival=to != order.status)),
""",
        FAULTS + "test_charging.py::test_B14_a_cancel_comes_in_between",
    ),
    Mutant(
        "stock comes back in a second write",
        "services/orders/moves.py",
        "            *(_restock(order) if returns_stock(order, to) else ()),\n            *extra,\n        ]\n    )\n",
        "            *extra,\n        ]\n    )\n    if returns_stock(order, to):\n        commit(_restock(order))\n",
        FAULTS + "test_worker_crashes.py::test_B21_crash_right_before_and_after_T5",
    ),
    Mutant(
        "stock comes back once more when the mail is queued",
        "services/orders/moves.py",
        "    if to == order.status:\n        return False\n",
        "",
        FAULTS + "test_charging.py::test_B09_declined",
    ),
    Mutant(
        "what was shipped comes back into stock",
        "services/orders/moves.py",
        '(to == "REFUNDED" and order.shipped_at is None)',
        'to == "REFUNDED"',
        FAULTS + "test_cancelling.py::test_D01_refund",
    ),
    Mutant(
        "an order stays in the index of what is due",
        "services/orders/moves.py",
        "moved.place_in_indexes((due_at or now) if is_due else None)",
        "moved.place_in_indexes(due_at or now)",
        FAULTS + "test_worker_crashes.py::test_B15_crash_after_T8_before_the_mail_is_queued",
    ),
    Mutant(
        "the mail is queued before its order is in that state",
        "services/orders/working.py",
        '    return move(order, "CONFIRMED", "Confirmed", now, lambda moved: owe(moved, "order_confirmed"))',
        '    queue_mail(MailEvent("order_confirmed", order.order_id))\n'
        '    return move(order, "CONFIRMED", "Confirmed", now)',
        FAULTS + "test_charging.py::test_B14_a_cancel_comes_in_between",
    ),
    Mutant(
        "a mail is sent once more when its event comes late",
        "models/mail_log.py",
        '| ((cls.state == "SENDING") & (cls.attempt_ends_at < at))',
        "| (cls.attempt_ends_at < at)",
        FAULTS + "test_mailing.py::test_queued_twice_sent_once",
    ),
    Mutant(
        "a cancel that was asked for is forgotten",
        "services/orders/working.py",
        "return _refund_as_asked(order, now) if order.cancel_requested else _confirm(order, now)",
        "return _confirm(order, now)",
        FAULTS + "test_charging.py::test_B14_a_cancel_comes_in_between",
    ),
    Mutant(
        "a cancel does not wait for the payment's outcome",
        "services/orders/actions.py",
        '            case "PENDING":\n                return cancel_unpaid',
        '            case "PENDING" | "CHARGING":\n                return cancel_unpaid',
        FAULTS + "test_cancelling.py::test_D02_cancel_races_the_worker",
    ),
    Mutant(
        "an order that expires in a review forgets who cancelled it",
        "services/orders/reviewing.py",
        'order.cancel_reason or "EXPIRED"',
        '"EXPIRED"',
        FAULTS + "test_key_window.py::test_B24_never_found_and_its_time_is_over",
    ),
    Mutant(
        "anybody's order can be acted on",
        "services/orders/actions.py",
        "        if order is None or not viewer.may_act_for(order.user_id):\n            raise",
        "        if order is None:\n            raise",
        FAULTS + "test_cancelling.py::test_D04_cancel_another_users_order",
    ),
    Mutant(
        "a review decides while the charge may still arrive",
        "services/orders/reviewing.py",
        'case "not_found" if now > order.charging_since + KEY_WINDOW:',
        'case "not_found":',
        FAULTS + "test_key_window.py::test_B24_not_found_and_the_original_arrives_late",
    ),
    Mutant(
        "a refund is called for without looking it up first",
        "services/orders/paying.py",
        "    outcome = gateway().find_refund(**asked)\n    if",
        '    outcome = Outcome("not_found")\n    if',
        FAULTS + "test_cancelling.py::test_D14_taken_up_again_after_the_gateway_forgot_the_key",
    ),
    Mutant(
        "a refund is asked for when the gateway may have forgotten its key",
        "services/orders/paying.py",
        'if outcome.status == "not_found" and now < order.refunding_since + CALL_WINDOW:',
        'if outcome.status == "not_found":',
        FAULTS + "test_refunding.py::test_B22_refund_not_asked_for_after_23_hours",
    ),
    Mutant(
        "the sweeper takes up every refund that was refused",
        "services/orders/reviewing.py",
        'if is_operator or gateway().find_refund(**asked).status == "succeeded":',
        "if order.charge_id:",
        FAULTS + "test_refunding.py::test_B22_refund_finally_refused",
    ),
    Mutant(
        "a cancel ends the rest that the gateway asked for",
        "services/orders/actions.py",
        'when the payment is settled", now, change, due_at=order.due_at\n',
        'when the payment is settled", now, change\n',
        FAULTS + "test_charging.py::test_B10_a_cancel_does_not_shorten_its_rest",
    ),
    Mutant(
        "a mail that was owed ends that rest too",
        "services/orders/working.py",
        'move(order, order.status, "Mail queued", now, change, due_at=order.due_at)',
        'move(order, order.status, "Mail queued", now, change)',
        FAULTS + "test_refunding.py::test_B22_a_mail_that_is_owed_does_not_shorten_its_rest",
    ),
    Mutant(
        "a key is good for ever where the lines fail",
        "services/orders/placing.py",
        "if used is not None and used.expires_at > read_clock():",
        "if used is not None:",
        FAULTS + "test_placing.py::test_A16_by_the_clock_where_the_lines_fail_too",
    ),
    Mutant(
        "throttled after a lost answer is told as nothing changed",
        "models/transaction.py",
        "    if _may_be_written.get():\n        raise last\n",
        "",
        FAULTS + "test_placing.py::test_A11_throttled_after_an_answer_that_was_lost",
    ),
    Mutant(
        "a refused key is not looked up",
        "services/orders/paying.py",
        "    except KeyReused:\n",
        "    except ZeroDivisionError:\n",
        FAULTS + "test_charging.py::test_C15_the_same_key_with_other_parameters_is_looked_up",
    ),
    Mutant(
        "one poison message brings its whole batch back",
        "jobs/process_orders.py",
        "    return process_partial_response(event, _process, _processor, context)\n",
        "    answer = process_partial_response(event, _process, _processor, context)\n"
        '    everything = [{"itemIdentifier": record["messageId"]} for record in event["Records"]]\n'
        '    return {"batchItemFailures": everything if answer["batchItemFailures"] else []}\n',
        FAULTS + "test_queue.py::test_C04_one_poison_in_a_batch_of_ten",
    ),
    Mutant(
        "the sweeper trusts its index",
        "services/orders/sweeping.py",
        "for order in Order.find_many(page, consistent=True).values() if _is_due(order, now)]",
        "for order in Order.find_many(page, consistent=True).values()]",
        FAULTS + "test_sweeper.py::test_D08_the_index_is_behind",
    ),
    Mutant(
        "what was unpaid a moment ago is given up unread",
        "services/orders/sweeping.py",
        "        if order and _is_unpaid(order, now):\n",
        "        if order:\n",
        FAULTS + "test_sweeper.py::test_D08_what_was_read_is_behind",
    ),
]
