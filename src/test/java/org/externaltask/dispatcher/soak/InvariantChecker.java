package org.externaltask.dispatcher.soak;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.soak.Evidence.Incident;
import org.externaltask.dispatcher.soak.Evidence.Instance;
import org.externaltask.dispatcher.soak.Evidence.OpenTask;
import org.externaltask.dispatcher.soak.Evidence.Parked;
import org.externaltask.dispatcher.soak.Evidence.Task;

/** Knows what must be true after a soak, whatever has failed, and finds what is not. */
final class InvariantChecker {

    static final String LOST = "an instance neither ended nor stands at an incident";
    static final String NOT_STARTED_ONCE = "an order does not have exactly one instance";
    static final String WRONG_END = "an instance did not end as it had to";
    static final String UNEXPLAINED = "an incident does not say why";
    static final String LOCKED = "a task is locked after everything has settled";
    static final String LEFT = "a task is open without an incident";
    static final String COMPLETED_TWICE = "a task was completed more than once";
    static final String STEP_TWICE = "an instance did not pass each of its steps exactly once";
    static final String WRITTEN_TWICE = "a variable was not written exactly once";
    static final String NOT_CALLED = "a task of a gateway topic never reached the gateway";
    static final String FOREIGN_KEY = "the gateway was called with an Idempotency-Key that is no task";
    static final String NOT_PLACED = "a send task was completed and its message never arrived";
    static final String FOREIGN_MESSAGE = "a message was published that belongs to no send task";
    static final String MESSAGE_LOST = "a message was neither correlated nor parked";
    static final String WRONG_CORRELATION = "a message was not correlated with the one instance it was for";
    static final String PARKED_WITHOUT_REASON = "a message was parked without a reason";
    static final String MESSAGE_LEFT = "a queue is not empty";
    static final String PROCESS = "a dispatcher process did not behave";

    private static final Map<Ending, Set<String>> PATHS = Map.of(
            Ending.DONE, Set.of("start", "reserve", "place", "accepted", "settle", "done"),
            Ending.REJECTED, Set.of("start", "reserve", "out-of-stock", "rejected"),
            Ending.INCIDENT, Set.of("start"));

    private static final Map<Ending, Set<String>> WRITTEN = Map.of(
            Ending.DONE, Set.of("orderNumber", "reservation", "acceptance", "settlement"),
            Ending.REJECTED, Set.of("orderNumber"),
            Ending.INCIDENT, Set.of("orderNumber"));

    private final Evidence evidence;
    private final Map<String, Incident> incidents;
    private final List<Violation> violations = new ArrayList<>();

    private InvariantChecker(Evidence evidence) {
        this.evidence = evidence;
        this.incidents = evidence.incidents().stream()
                .collect(Collectors.toMap(Incident::instance, Function.identity(), (one, other) -> one));
    }

    /** All that is not as it must be; nothing when all is well. */
    static List<Violation> check(Evidence evidence) {
        InvariantChecker checker = new InvariantChecker(evidence);
        checker.checkInstances();
        checker.checkIncidents();
        checker.checkTasks();
        checker.checkGateway();
        checker.checkPublications();
        checker.checkMessages();
        evidence.complaints().forEach(complaint -> checker.broken(PROCESS, "process", complaint));
        return checker.violations;
    }

    private void checkInstances() {
        Map<String, Long> counts = evidence.instances().stream()
                .collect(Collectors.groupingBy(Instance::orderNumber, Collectors.counting()));
        Set<String> numbers = new HashSet<>(evidence.orders());
        numbers.addAll(counts.keySet());
        for (String number : numbers) {
            long count = counts.getOrDefault(number, 0L);
            if (count != 1) {
                broken(NOT_STARTED_ONCE, number, count + " instances");
            }
        }
        evidence.instances().forEach(this::checkInstance);
    }

    private void checkInstance(Instance instance) {
        Ending ending = Ending.of(instance.orderNumber());
        boolean stands = incidents.containsKey(instance.id());
        if (!instance.ended() && !stands) {
            broken(LOST, instance.id(), instance + " " + known(instance));
        } else if (instance.ended() == (ending == Ending.INCIDENT)) {
            broken(WRONG_END, instance.id(), instance + " " + incidents.get(instance.id()));
        } else {
            once(STEP_TWICE, instance, instance.passed(), PATHS.get(ending));
            once(WRITTEN_TWICE, instance, instance.writes(), WRITTEN.get(ending));
        }
    }

    /** Its tasks, and what became of the messages that answered them. */
    private String known(Instance instance) {
        List<Task> tasks = evidence.tasks().stream()
                .filter(task -> task.instance().equals(instance.id()))
                .toList();
        List<Parked> parked = evidence.parked().stream()
                .filter(message -> tasks.stream().anyMatch(task -> message.id().endsWith(task.id())))
                .toList();
        return tasks + " " + parked;
    }

    private void once(String invariant, Instance instance, Map<String, Integer> counts, Set<String> expected) {
        if (!counts.keySet().equals(expected) || counts.values().stream().anyMatch(count -> count != 1)) {
            broken(invariant, instance.id(), counts + ", expected one each of " + expected);
        }
    }

    private void checkIncidents() {
        for (Incident incident : evidence.incidents()) {
            if (Cause.of(incident.message()).isEmpty()) {
                broken(UNEXPLAINED, incident.instance(), String.valueOf(incident.message()));
            }
        }
    }

    private void checkTasks() {
        for (OpenTask task : evidence.openTasks()) {
            if (task.locked()) {
                broken(LOCKED, task.id(), task.toString());
            }
            if (!incidents.containsKey(task.instance())) {
                broken(LEFT, task.id(), task.toString());
            }
        }
        evidence.tasks().stream()
                .filter(task -> task.completions() > 1)
                .forEach(task -> broken(COMPLETED_TWICE, task.id(), task.toString()));
    }

    private void checkGateway() {
        Set<String> tasks = ids(Task::isForTheGateway);
        Set<String> keys = evidence.gatewayCalls().keySet();
        without(tasks, keys).forEach(id -> broken(NOT_CALLED, id, describe(id)));
        without(keys, tasks).forEach(key -> broken(FOREIGN_KEY, key, describe(key)));
    }

    private void checkPublications() {
        Set<String> tasks = ids(task -> !task.isForTheGateway());
        Set<String> completed = ids(task -> !task.isForTheGateway() && task.completions() > 0);
        Set<String> placed = evidence.placed().keySet();
        without(completed, placed).forEach(id -> broken(NOT_PLACED, id, describe(id)));
        without(placed, tasks).forEach(id -> broken(FOREIGN_MESSAGE, id, describe(id)));
    }

    private void checkMessages() {
        Map<String, List<Instance>> correlated = evidence.instances().stream()
                .filter(instance -> instance.acceptance() != null)
                .collect(Collectors.groupingBy(Instance::acceptance));
        Set<String> parked = evidence.parked().stream().map(Parked::id).collect(Collectors.toSet());
        for (String id : evidence.sent().keySet()) {
            if (!correlated.containsKey(id) && !parked.contains(id)) {
                broken(MESSAGE_LOST, id, evidence.sent().get(id) + " copies sent");
            }
        }
        Map<String, String> instanceOfTask =
                evidence.tasks().stream().collect(Collectors.toMap(Task::id, Task::instance));
        correlated.forEach((id, instances) -> {
            String meant = Vendor.placedId(id).map(instanceOfTask::get).orElse(null);
            if (instances.size() != 1 || !instances.get(0).id().equals(meant)) {
                broken(WRONG_CORRELATION, id, "for " + meant + ", correlated with " + instances);
            }
        });
        evidence.parked().stream()
                .filter(message -> message.reason() == null || message.reason().isBlank())
                .forEach(message -> broken(PARKED_WITHOUT_REASON, message.id(), message.toString()));
        evidence.left().forEach((queue, count) -> {
            if (count != 0) {
                broken(MESSAGE_LEFT, queue, count + " messages");
            }
        });
    }

    private Set<String> ids(Predicate<Task> wanted) {
        return evidence.tasks().stream().filter(wanted).map(Task::id).collect(Collectors.toSet());
    }

    private static Set<String> without(Set<String> all, Set<String> some) {
        Set<String> rest = new HashSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    private String describe(String taskId) {
        Optional<Task> task =
                evidence.tasks().stream().filter(one -> one.id().equals(taskId)).findFirst();
        return task.map(one -> one + ", incident " + incidents.get(one.instance()))
                .orElse("unknown to the engine");
    }

    private void broken(String invariant, String about, String known) {
        violations.add(new Violation(invariant, about, known));
    }
}
