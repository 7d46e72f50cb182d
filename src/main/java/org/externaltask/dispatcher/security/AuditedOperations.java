package org.externaltask.dispatcher.security;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.InvocationContext;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.stereotype.Component;

/** Sees to it that every operation of an actuator endpoint that changes something is written down. */
@Component
class AuditedOperations implements OperationInvokerAdvisor {

    private final AuditLog audit;

    AuditedOperations(AuditLog audit) {
        this.audit = audit;
    }

    @Override
    public OperationInvoker apply(
            EndpointId endpoint, OperationType type, OperationParameters parameters, OperationInvoker invoker) {
        return type == OperationType.READ ? invoker : context -> invoke(endpoint, type, context, invoker);
    }

    private Object invoke(
            EndpointId endpoint, OperationType type, InvocationContext context, OperationInvoker invoker) {
        String what = type.name().toLowerCase(Locale.ROOT) + " " + endpoint + " " + text(context.getArguments());
        try {
            Object result = invoker.invoke(context);
            write(what, outcome(result));
            return result;
        } catch (RuntimeException e) {
            write(what, "failed: " + e);
            throw e;
        }
    }

    private void write(String what, String outcome) {
        Authentication user = SecurityContextHolder.getContext().getAuthentication();
        String from = user != null && user.getDetails() instanceof WebAuthenticationDetails details
                ? details.getRemoteAddress()
                : "this process"; // JMX
        audit.write(user == null ? AuditLog.NOBODY : user.getName(), from, what, outcome);
    }

    private static String outcome(Object result) {
        if (result instanceof WebEndpointResponse<?> answer) {
            return answer.getStatus() + (answer.getBody() == null ? "" : " " + answer.getBody());
        }
        return result == null ? "done" : "done: " + result;
    }

    private static String text(Map<String, Object> arguments) {
        Map<String, String> texts = new TreeMap<>();
        arguments.forEach((name, value) -> {
            if (value != null) {
                texts.put(name, value instanceof Object[] parts ? Arrays.deepToString(parts) : value.toString());
            }
        });
        return texts.toString();
    }
}
